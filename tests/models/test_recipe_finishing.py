"""The small UNet learns on its own runs: what is recorded of the large one's, where its own lead, what is asked."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from models.stickers.recipe import finishing
from models.stickers.recipe.finishing import HAND_OVERS, STEPS, Runs, asked_loss, follow, own_loss, schedule

_N = 4


class Painter(nn.Module):
    """Says v for a picture of one colour that follows from the caption, off by ``error``."""

    def __init__(self, error: float = 0.0) -> None:
        super().__init__()
        self.error = nn.Parameter(torch.tensor(error))

    def forward(self, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> SimpleNamespace:
        bar = torch.from_numpy(schedule().alphas_cumprod().copy()).float()[t.round().long()][:, None, None, None]
        picture = states[:, :1, :1, None] + self.error
        return SimpleNamespace(sample=((bar.sqrt() * x - picture) / (1 - bar).sqrt()))


@pytest.fixture(scope="module")
def states() -> torch.Tensor:
    return torch.linspace(-1, 1, _N)[:, None, None].expand(_N, 2, 3).contiguous()


@pytest.fixture(scope="module")
def runs(states: torch.Tensor) -> Runs:
    noise = torch.randn(_N, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    data = finishing.record(Painter(), noise, states, torch.zeros(1, 2, 3))
    assert data.shape == (_N, len(HAND_OVERS) + 1, 4, 16, 16)
    return Runs(data[:, :2], data[:, 2], states, torch.ones(_N, 1, 16, 16))


def test_a_run_ends_where_guidance_leads(runs: Runs, states: torch.Tensor) -> None:
    want = finishing.TAUGHT_GUIDANCE * states[:, 0, 0]
    torch.testing.assert_close(runs.ends.mean((1, 2, 3)), want, atol=0.03, rtol=0.03)


def test_the_small_ones_run_goes_through_every_step_of_the_device(runs: Runs) -> None:
    places = follow(Painter(), runs, torch.zeros(1, 2, 3), random.Random(0))
    for run in range(_N):
        own = [p for p in places if p.run == run]
        assert len(own) in {STEPS - k for k in HAND_OVERS}
        times = [float(p.step.timestep) for p in own]
        assert times == sorted(times, reverse=True)
        k = HAND_OVERS.index(STEPS - len(own))
        assert torch.equal(own[0].latent, runs.handed[run, k])
    assert {STEPS - sum(p.run == r for p in places) for r in range(_N)} <= set(HAND_OVERS)


def test_who_goes_where_the_large_one_went_has_nothing_to_learn(runs: Runs) -> None:
    nothing = torch.zeros(1, 2, 3)
    for unet, least, most in ((Painter(), 0.0, 0.01), (Painter(0.3), 0.3, 10.0)):
        places = follow(unet, runs, nothing, random.Random(0))
        with torch.no_grad():
            own = own_loss(unet, runs, nothing, places)
            asked = asked_loss(unet, Painter(), runs, nothing, places)
        assert least <= float(own) <= most
        assert least <= float(asked) <= most


def test_steps_on_its_own_runs_mend_a_colour(runs: Runs) -> None:
    unet, nothing = Painter(0.3), torch.zeros(1, 2, 3)
    optimizer = torch.optim.Adam(unet.parameters(), lr=0.03)
    for number in range(30):
        rng = random.Random(number)
        places = rng.sample(follow(unet, runs, nothing, rng), 16)
        optimizer.zero_grad()
        own_loss(unet, runs, nothing, places).backward()
        optimizer.step()
    assert abs(float(unet.error.detach())) < 0.1
