"""The twin of hover_postprocess.ts: OpenCV, SciPy and scikit-image on the same maps, printed as JSON."""
import json
import pathlib
import re
import sys
import time
import zlib

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
hover_reference.segment(*maps[0], 40)
patches, nuclei, segment, listing = [], 0, 0, 0
for binary, horizontal, vertical in maps:
    start = time.perf_counter()
    labels = hover_reference.segment(binary, horizontal, vertical, 40)
    segmented = time.perf_counter()
    nuclei += len(hover_reference.records(labels, binary))
    listing += time.perf_counter() - segmented
    segment += segmented - start
    patches.append(zlib.crc32(labels.astype("<i4").tobytes()))
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({
    "seconds": segment + listing,
    "steps": {"segment": segment, "list": listing},
    "peakMb": peak,
    "matches": nuclei,
    "patches": patches,
}))
