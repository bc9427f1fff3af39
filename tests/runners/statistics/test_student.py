import pytest
from scipy import stats

from runners.statistics.student import two_sided_t


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 10, 49, 98, 199])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_two_sided_t_is_that_of_scipy(freedom: int, confidence: float) -> None:
    quantile = two_sided_t(confidence, freedom)

    assert quantile == pytest.approx(stats.t.ppf((1 + confidence) / 2, freedom), rel=1e-9)


@pytest.mark.parametrize(("confidence", "freedom"), [(0.95, 0), (0.0, 4), (1.0, 4)])
def test_two_sided_t_refuses_what_has_no_quantile(confidence: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="Wanted freedom >= 1"):
        two_sided_t(confidence, freedom)
