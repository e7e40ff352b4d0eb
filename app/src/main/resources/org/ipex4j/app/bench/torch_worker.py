"""Runs or trains a captured graph in PyTorch: eager, Inductor or Inductor frozen. Started by `ipex bench --python`.

Arguments: mode (infer, train), kind (eager, inductor, frozen), directory with model.pt, model.py and input.bin, batch,
threads, memory format (channels_last or contiguous), dtype (f32, or bf16 for autocast); to train also the learning rate
and the momentum, and labels.bin in the directory. Speaks the worker protocol: lines that begin with @.
"""
import importlib.util
import math
import os
import struct
import sys
import time

import torch

mode, kind, directory, batch, threads, memory_format, dtype = (
    sys.argv[1:4] + [int(a) for a in sys.argv[4:6]] + sys.argv[6:8]
)
torch.set_num_threads(threads)
if kind == "frozen":
    import torch._inductor.config

    torch._inductor.config.freezing = True

spec = importlib.util.spec_from_file_location("captured", os.path.join(directory, "model.py"))
captured = importlib.util.module_from_spec(spec)
spec.loader.exec_module(captured)
parameters = dict(torch.jit.load(os.path.join(directory, "model.pt")).named_parameters())
model = captured.Model(parameters).train(mode == "train")
if memory_format == "channels_last":
    model = model.to(memory_format=torch.channels_last)
forward = model if kind == "eager" else torch.compile(model)


def autocast():
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bf16")


def say(*words):
    print(*words, flush=True)


def milliseconds(start):
    return 1e3 * (time.perf_counter() - start)


def read_input(number):
    """One batch of those in the file, and how many there are."""
    with open(os.path.join(directory, "input.bin"), "rb") as f:
        rank = struct.unpack("<i", f.read(4))[0]
        shape = struct.unpack("<%dq" % rank, f.read(8 * rank))
        size = 4 * batch * math.prod(shape[1:])
        f.seek(number * size, os.SEEK_CUR)
        x = torch.frombuffer(bytearray(f.read(size)), dtype=torch.float32).reshape(batch, *shape[1:])
    if memory_format == "channels_last" and x.dim() == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    return x, shape[0] // batch


def serve(body):
    say("@ready")
    for line in sys.stdin:
        line = line.strip()
        if line == "quit":
            break
        command, n = line.split()
        if command == "check":
            say("@losses", *[repr(body()) for _ in range(int(n))])
            continue
        times = []
        for _ in range(int(n)):
            start = time.perf_counter()
            body()
            times.append("%.4f" % milliseconds(start))
        say("@times", *times)
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                say("@rss", int(line.split()[1]) * 1024)


def infer():
    x, _ = read_input(0)

    def run(x):
        with autocast():
            return forward(x)

    with torch.no_grad():
        start = time.perf_counter()
        y = run(x)
        say("@fact first", "%.4f" % milliseconds(start))
        with open(os.path.join(directory, "output-python-" + kind + ".bin"), "wb") as f:
            f.write(y.float().contiguous().numpy().tobytes())
        serve(lambda: run(x))


def train(rate, momentum):
    with open(os.path.join(directory, "labels.bin"), "rb") as f:
        labels = torch.frombuffer(bytearray(f.read()), dtype=torch.int64)
    labels = labels.split(batch)
    batches = read_input(0)[1]
    held = min(2, batches)
    loaded = [(read_input(i)[0], labels[i]) for i in range(held)]
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=rate, momentum=momentum)
    steps = 0

    def step():
        nonlocal steps
        i = steps % held
        if held <= steps < batches:
            loaded[i] = (read_input(steps)[0], labels[steps])
        pictures, known = loaded[i]
        start = time.perf_counter()
        optimizer.zero_grad()
        with autocast():
            loss = torch.nn.functional.cross_entropy(forward(pictures), known)
        loss.backward()
        optimizer.step()
        value = loss.item()
        if steps == 0:
            say("@fact first", "%.4f" % milliseconds(start))
        steps += 1
        return value

    serve(step)


if mode == "train":
    train(float(sys.argv[8]), float(sys.argv[9]))
else:
    infer()
