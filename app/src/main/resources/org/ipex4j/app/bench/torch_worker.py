"""Runs a captured graph in PyTorch: eager, Inductor or Inductor frozen. Started by `ipex bench --python`.

Arguments: kind (eager, inductor, frozen), directory with model.pt, model.py and input.bin, batch, threads,
memory format (channels_last or contiguous). Speaks the worker protocol: lines that begin with @.
"""
import importlib.util
import os
import struct
import sys
import time

import torch

kind, directory, batch, threads, memory_format = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
torch.set_num_threads(threads)
if kind == "frozen":
    import torch._inductor.config

    torch._inductor.config.freezing = True

spec = importlib.util.spec_from_file_location("captured", os.path.join(directory, "model.py"))
captured = importlib.util.module_from_spec(spec)
spec.loader.exec_module(captured)
parameters = dict(torch.jit.load(os.path.join(directory, "model.pt")).named_parameters())
model = captured.Model(parameters).eval()
with open(os.path.join(directory, "input.bin"), "rb") as f:
    rank = struct.unpack("<i", f.read(4))[0]
    shape = struct.unpack("<%dq" % rank, f.read(8 * rank))
    x = torch.frombuffer(bytearray(f.read()), dtype=torch.float32).reshape(shape)
if memory_format == "channels_last" and x.dim() == 4:
    model = model.to(memory_format=torch.channels_last)
    x = x.contiguous(memory_format=torch.channels_last)
forward = model if kind == "eager" else torch.compile(model)


def say(*words):
    print(*words, flush=True)


with torch.no_grad():
    start = time.perf_counter()
    y = forward(x)
    say("@fact first", "%.4f" % (1e3 * (time.perf_counter() - start)))
    with open(os.path.join(directory, "output-python-" + kind + ".bin"), "wb") as f:
        f.write(y.contiguous().numpy().tobytes())
    say("@ready")
    for line in sys.stdin:
        line = line.strip()
        if line == "quit":
            break
        times = []
        for _ in range(int(line.split()[1])):
            start = time.perf_counter()
            forward(x)
            times.append("%.4f" % (1e3 * (time.perf_counter() - start)))
        say("@times", *times)
with open("/proc/self/status") as f:
    for line in f:
        if line.startswith("VmHWM:"):
            say("@rss", int(line.split()[1]) * 1024)
