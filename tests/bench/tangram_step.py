"""The twin of tangram_step.ts: tangram-sc's Mapper on PyTorch, on the same files, printed as JSON."""
import json
import re
import sys
import time

import numpy as np
import torch
from tangram.mapping_optimizer import Mapper

folder = sys.argv[1]
cells, nuclei, genes, epochs, threads = map(int, sys.argv[2:])
torch.set_num_threads(threads)


def load(name, shape):
    return np.fromfile(f"{folder}/{name}", dtype="<f4").reshape(shape)


S, G = load("cells", (cells, genes)), load("nuclei", (nuclei, genes))
mapper = Mapper(S, G, d=G.sum(axis=1) / G.sum(), lambda_d=1, device="cpu")
with torch.no_grad():
    mapper.M.copy_(torch.from_numpy(load("start", (cells, nuclei))))

marks = []
loss = mapper._loss_fn


def marked(verbose=False):
    """Notes when each epoch begins."""
    marks.append((time.perf_counter(), time.process_time()))
    return loss(verbose)


mapper._loss_fn = marked
_, history = mapper.train(num_epochs=epochs, learning_rate=0.1, print_each=None)
# The final softmax is in neither side's time: from the second epoch's begin to the last one's.
steps = len(marks) - 2
seconds, cpu = ((marks[-1][i] - marks[1][i]) / steps for i in (0, 1))
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({
    "seconds": seconds,
    "steps": {"cpu": cpu},
    "peakMb": peak,
    "geneScore": [float(value) for value in history["main_loss"]],
    "kl": [float(value) for value in history["kl_reg"]],
}))
