"""Trains a network of torch_bench.py, batch after batch, where its parameters lie; on a GPU all data lies there, too.
Options: compile (torch.compile of forward pass, loss and metric; on a GPU with max-autotune), graph (on a GPU: the whole
step with choosing the batch is one CUDA graph), loader (DataLoader instead of indexing)."""
import torch
import torch.nn.functional as F

LOSS = {"sce": F.cross_entropy, "sce_logits": F.cross_entropy, "mse": F.mse_loss,
        "bce": F.binary_cross_entropy_with_logits}
METRIC = {"sce": lambda p, y: (p.argmax(1) == y).sum(), "bce": lambda p, y: ((p > 0) == (y > 0.5)).sum(),
          "mse": lambda p, y: (p - y).square().sum()}
METRIC["sce_logits"] = METRIC["sce"]


def make_optimizer(w, parameters, capturable):
    """The defaults of Keras; the fused update where PyTorch has one."""
    if w.optimizer == "sgd":
        return torch.optim.SGD(parameters, w.lr, fused=True)
    if w.optimizer == "adam":
        return torch.optim.Adam(parameters, w.lr, eps=1e-7, fused=True, capturable=capturable)
    return torch.optim.RMSprop(parameters, w.lr, alpha=0.9, eps=1e-7, foreach=True, capturable=capturable)


class Training:
    def __init__(self, w, model, inputs, targets, options):
        self.w, self.model, self.inputs, self.targets, self.options = w, model.train(), inputs, targets, options
        parameters = list(model.parameters())
        self.device = parameters[0].device
        self.optimizer = make_optimizer(w, parameters, capturable="graph" in options)
        self.total = torch.zeros((), device=self.device)
        self.right = [torch.zeros((), device=self.device) for _ in targets]
        self.graph = None
        if "compile" in options:
            mode = {"cpu": None, "cuda": "max-autotune-no-cudagraphs" if "graph" in options else "max-autotune"}
            self.evaluate = torch.compile(self.evaluate, mode=mode[self.device.type])

    def evaluate(self, x, y):
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.w.bfloat16):
            out = self.model(*x)
            out = out if isinstance(out, tuple) else (out,)
            loss = sum(k * LOSS[l](p, t) for k, l, p, t in zip(self.w.weights, self.w.loss, out, y))
        with torch.no_grad():
            return loss, [METRIC[l](p, t) for l, p, t in zip(self.w.loss, out, y)]

    def step(self, x, y):
        loss, right = self.evaluate(x, y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            self.total += loss.detach()
            for m, r in zip(self.right, right):
                m += r

    def at(self, rows):
        return [a[rows] for a in self.inputs], [a[rows] for a in self.targets]

    def batches(self):
        if "loader" in self.options:
            data = torch.utils.data.TensorDataset(*self.inputs, *self.targets)
            for b in torch.utils.data.DataLoader(data, self.w.batch, shuffle=True):
                yield b[:len(self.inputs)], b[len(self.inputs):]
        else:
            order = torch.randperm(self.w.rows, device=self.device)
            for i in range(0, self.w.rows, self.w.batch):
                yield self.at(order[i:i + self.w.batch])

    def record(self):
        """The whole step as a CUDA graph: its batch is what `order` holds from `first` on."""
        self.order = torch.arange(self.w.rows, device=self.device)
        self.first = torch.zeros((), dtype=torch.int64, device=self.device)
        lanes = torch.arange(self.w.batch, device=self.device)

        def next_step():
            self.step(*self.at(self.order[self.first + lanes]))
            self.first += self.w.batch

        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):  # what is made or compiled once
                self.first.zero_()
                next_step()
        torch.cuda.current_stream().wait_stream(side)
        self.optimizer.zero_grad()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            next_step()

    def fit(self):
        if "graph" in self.options and self.graph is None:
            self.record()
        for sum_ in (self.total, *self.right):
            sum_.zero_()
        if self.graph:
            self.order.copy_(torch.randperm(self.w.rows, device=self.device))
            self.first.zero_()
            for _ in range(self.w.steps):
                self.graph.replay()
        else:
            for x, y in self.batches():
                self.step(x, y)
        return self.total.item() / self.w.steps, [m.item() / self.w.rows for m in self.right]
