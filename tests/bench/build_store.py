"""The Python side of build_store.ts: spatialdata-io reads a bundle, spatialdata writes it.

build_store.py BUNDLE OUT
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")


def main(bundle, out):
    start = time.perf_counter()
    import spatialdata_io

    imported = time.perf_counter()
    sdata = spatialdata_io.xenium(
        bundle,
        cells_boundaries=False,
        nucleus_boundaries=True,
        cells_as_circles=False,
        cells_labels=False,
        nucleus_labels=False,
        transcripts=True,
        morphology_focus=True,
        aligned_images=False,
    )
    sdata.write(out)
    end = time.perf_counter()
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(json.dumps({"seconds": end - imported, "importSeconds": imported - start, "peakMb": peak / 1024}))


main(*sys.argv[1:])
