"""The twin of decode_jpeg2000.ts: imagecodecs on the same file, printed as JSON."""
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import imagecodecs
import tifffile


def decode(path, workers):
    """One pass over the tiles, with as many threads."""
    start, before = time.perf_counter(), time.process_time()
    total = 0
    with tifffile.TiffFile(path) as tif:
        page = tif.pages[0]
        handle = tif.filehandle
        lock = Lock()

        def tile(place):
            offset, length = place
            with lock:
                handle.seek(offset)
                data = handle.read(length)
            return int(imagecodecs.jpeg2k_decode(data).reshape(-1)[::997].sum(dtype="uint64"))

        with ThreadPoolExecutor(workers) as pool:
            total = sum(pool.map(tile, zip(page.dataoffsets, page.databytecounts)))
    return {
        "workers": workers,
        "seconds": time.perf_counter() - start,
        "cpuSeconds": time.process_time() - before,
        "sum": total,
    }


path, rounds = sys.argv[1], int(sys.argv[2])
passes = [decode(path, workers) for _ in range(rounds) for workers in (1, 2)]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"passes": passes, "peakMb": peak}))
