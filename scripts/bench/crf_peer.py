"""The peer of `npm run bench:crf`: pydensecrf, fed over standard input, for as long as that is open.

A job is a line of JSON (width, height, classes, iterations, weights and sigmas), then the unary (float32, classes x
pixels) and the picture (uint8, pixels x 3). The answer is a line of JSON: the milliseconds, and where the labels are to
follow, their bytes. With "again", the arrays are those of the job before.
"""
import json
import sys
import time

import numpy
import pydensecrf.densecrf as densecrf

source, target = sys.stdin.buffer, sys.stdout.buffer


def floats(count):
    return numpy.frombuffer(source.read(4 * count), numpy.float32)


unary = picture = None
for line in source:
    job = json.loads(line)
    width, height, classes = job["width"], job["height"], job["classes"]
    if not job.get("again"):
        unary = floats(classes * width * height).reshape(classes, -1).copy()
        picture = numpy.frombuffer(source.read(3 * width * height), numpy.uint8).reshape(height, width, 3).copy()
    start = time.perf_counter()
    crf = densecrf.DenseCRF2D(width, height, classes)
    crf.setUnaryEnergy(unary)
    crf.addPairwiseGaussian(sxy=job["spatialSigma"], compat=job["spatialWeight"])
    crf.addPairwiseBilateral(
        sxy=job["bilateralSigmaXy"], srgb=job["bilateralSigmaRgb"], rgbim=picture, compat=job["bilateralWeight"]
    )
    labels = numpy.argmax(crf.inference(job["iterations"]), axis=0).astype(numpy.uint8)
    milliseconds = 1000 * (time.perf_counter() - start)
    target.write(json.dumps({"milliseconds": milliseconds}).encode() + b"\n" + labels.tobytes())
    target.flush()
