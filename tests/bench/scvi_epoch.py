"""The twin of scvi_epoch.ts: scvi-tools on PyTorch, on the same files, printed as JSON.

With a folder alone: how well both sides' latent components tell the planted labels.
"""
import json
import logging
import re
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
folder = sys.argv[1]


def load(name, dtype):
    return np.fromfile(f"{folder}/{name}", dtype=dtype)


def judge():
    """Share of cells whose 15 nearest neighbours mostly have their label."""
    from sklearn.neighbors import NearestNeighbors

    labels = load("labels", "<i4")
    shares = {}
    for side, name in (("ours", "latent"), ("theirs", "latent_theirs")):
        points = load(name, "<f4").reshape(len(labels), -1)
        places = NearestNeighbors(n_neighbors=16).fit(points).kneighbors(return_distance=False)[:, 1:]
        votes = np.apply_along_axis(np.bincount, 1, labels[places], minlength=labels.max() + 1)
        shares[side] = float((votes.argmax(axis=1) == labels).mean())
    print(json.dumps(shares))


def train(epochs, batch, seed, threads):
    import anndata
    import lightning
    import scipy.sparse
    import scvi
    import torch
    from scvi.train import _trainingplans

    logging.disable(logging.INFO)
    torch.set_num_threads(threads)
    scvi.settings.seed = sum(seed.encode())
    # Later versions of PyTorch than scvi-tools 1.2.0 knew lack `verbose`.
    plateau = _trainingplans.ReduceLROnPlateau
    _trainingplans.ReduceLROnPlateau = lambda *args, verbose=None, **kwargs: plateau(*args, **kwargs)
    indptr = load("indptr", "<i4")
    parts = load("data", "<f4"), load("indices", "<i4"), indptr
    table = anndata.AnnData(scipy.sparse.csr_matrix(parts, shape=(len(indptr) - 1, 377)))
    scvi.model.SCVI.setup_anndata(table)
    model = scvi.model.SCVI(table)
    marks = []

    class Marks(lightning.pytorch.callbacks.Callback):
        def on_train_epoch_end(self, trainer, module):
            marks.append((time.perf_counter(), time.process_time()))

    model.train(
        max_epochs=epochs, batch_size=batch, accelerator="cpu", check_val_every_n_epoch=1,
        enable_progress_bar=False, callbacks=[Marks()],
        datasplitter_kwargs={"external_indexing": [load("train", "<i4"), load("validation", "<i4")]},
        plan_kwargs={
            "optimizer": "AdamW", "lr": 1e-4, "weight_decay": 1e-6, "eps": 0.01,
            "n_epochs_kl_warmup": 400, "reduce_lr_on_plateau": True, "lr_factor": 0.6,
            "lr_patience": 5, "lr_threshold": 0, "lr_min": 0,
            "lr_scheduler_metric": "elbo_validation",
        },
    )
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
    model.get_latent_representation().astype("<f4").tofile(f"{folder}/latent_theirs")
    steps = len(marks) - 1
    seconds, cpu = ((marks[-1][i] - marks[0][i]) / steps for i in (0, 1))
    print(json.dumps({
        "seconds": seconds,
        "steps": {"cpu": cpu},
        "peakMb": peak,
        "reconstruction": float(model.history["reconstruction_loss_validation"].iloc[-1, 0]),
    }))


if len(sys.argv) == 2:
    judge()
else:
    train(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
