"""The twin of hover_postprocess.ts: OpenCV, SciPy and scikit-image on the same maps, printed as JSON."""
import json
import pathlib
import re
import sys
import time
import zlib

import cv2
import numpy as np

sys.path.append(str(pathlib.Path(__file__).parents[1] / "fixtures" / "vision"))
import hover_reference

SIZE = 256
folder, count = sys.argv[1], int(sys.argv[2])


def load(name, dtype):
    return np.fromfile(f"{folder}/{name}", dtype).reshape(SIZE, SIZE)


maps = [
    [load(f"binary_{i}", "u1"), load(f"horizontal_{i}", "<f4"), load(f"vertical_{i}", "<f4")]
    for i in range(count)
]
cv2.setNumThreads(1)


def measured_pass():
    patches, nuclei, seconds, segment, listing = [], 0, 0, 0, 0
    for binary, horizontal, vertical in maps:
        start, used = time.perf_counter(), time.process_time()
        labels = hover_reference.segment(binary, horizontal, vertical, 40)
        segmented = time.process_time()
        nuclei += len(hover_reference.records(labels, binary))
        listing += time.process_time() - segmented
        segment += segmented - used
        seconds += time.perf_counter() - start
        patches.append(zlib.crc32(labels.astype("<i4").tobytes()))
    return {
        "seconds": seconds,
        "processor": segment + listing,
        "steps": {"segment": segment, "list": listing},
        "matches": nuclei,
        "patches": patches,
    }


for _ in range(2):
    measured_pass()
measured = measured_pass()
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({**measured, "peakMb": peak}))
