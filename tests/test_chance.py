"""What chance gives next: against scipy's distributions, textbook formulas and what must always hold."""

from __future__ import annotations

from math import inf, isfinite, sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analytics.insight import chance
from analytics.insight.chance import Counted, Measured, Prediction, Shared

UNHURRIED = settings(deadline=None, max_examples=100)
LEVELS = st.sampled_from([0.0027, 0.01, 0.05, 0.002])


def two_tails(at_most: float, at_least: float) -> float:
    return min(1.0, 2 * min(at_most, at_least))


# --- counts -----------------------------------------------------------------------------------------


@UNHURRIED
@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 80), st.sampled_from([1.0, 0.5, 6.0]))
def test_a_count_given_the_total_is_binomial(base: int, months: int, x: int, ahead: float) -> None:
    drawn = stats.binom(base + x, ahead / (ahead + months))
    expected = two_tails(drawn.cdf(x), drawn.sf(x - 1))
    assert Counted(base, months, ahead).p(x) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@UNHURRIED
@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 80), st.floats(1.05, 6))
def test_an_over_dispersed_count_is_beta_binomial(base: int, months: int, x: int, factor: float) -> None:
    """Negative binomial months with variance factor × mean have shape mean ÷ (factor − 1)."""
    assume(base >= factor - 1)
    shape = base / months / (factor - 1)
    drawn = stats.betabinom(base + x, shape, shape * months)
    expected = two_tails(drawn.cdf(x), drawn.sf(x - 1))
    assert Counted(base, months, factor=factor).p(x) == pytest.approx(expected, rel=1e-6, abs=1e-10)


def test_a_factor_near_one_is_the_binomial() -> None:
    assert Counted(360, 24, factor=1.0001).p(25) == pytest.approx(Counted(360, 24).p(25), rel=1e-3)


def test_two_counts_as_the_exact_binomial_test_compares_them() -> None:
    theirs = stats.binomtest(24, 384, 1 / 25, alternative="greater").pvalue
    assert Counted(360, 24).p(24) == pytest.approx(2 * theirs)


# --- shares -----------------------------------------------------------------------------------------


def shapes(base: int, of: int, size: int, factor: float) -> tuple[float, float]:
    """The beta-binomial whose variance is p̂(1−p̂)(1/size + 1/of) × factor, by its moments."""
    share = (base + 0.5) / (of + 1)
    variance = factor * share * (1 - share) * (1 / size + 1 / of)
    within = variance * size / (share * (1 - share))  # 1 + (size − 1) × intra-class correlation
    total = (size - 1) / (within - 1) - 1
    return share * total, (1 - share) * total


@UNHURRIED
@given(st.integers(50, 600), st.data(), st.integers(2, 120), st.sampled_from([1.0, 1.5, 3.0]))
def test_a_share_is_beta_binomial_of_its_variance(
    of: int, data: st.DataObject, size: int, factor: float
) -> None:
    base, k = data.draw(st.integers(0, of)), data.draw(st.integers(0, size))
    a, b = shapes(base, of, size, factor)
    assume(a + b >= 0.5)
    drawn = stats.betabinom(size, a, b)
    expected = two_tails(drawn.cdf(k), drawn.sf(k - 1))
    assert Shared(base, of, size, factor).p(k / size) == pytest.approx(expected, rel=1e-5, abs=1e-9)
    share = (base + 0.5) / (of + 1)
    variance = factor * share * (1 - share) * (1 / size + 1 / of)
    assert drawn.var() / size**2 == pytest.approx(variance, rel=1e-6)


def test_two_samples_of_one_share_as_fisher_would_compare_them() -> None:
    """With the pooled share known only from them, near Fisher's exact (hypergeometric) tail."""
    theirs = stats.hypergeom(1200, 230, 200).sf(59)
    assert Shared(170, 1000, 200).p(0.3) == pytest.approx(2 * theirs, rel=0.6)


def test_a_share_never_seen_to_fail_may_fail() -> None:
    always = Shared(500, 500, 40)
    assert always.expected == 1
    assert always.p(1) == 1
    assert always.p(39 / 40) > 0.05
    assert always.p(30 / 40) < 0.0027
    low, high = always.limits(0.0027)
    assert high == 1
    assert 0.8 < low < 1
    never = Shared(0, 500, 40)
    assert (never.limits(0.0027)[0], never.p(0)) == (0, 1)
    assert never.limits(0.0027)[1] == pytest.approx(1 - low)


def test_one_row_is_never_a_signal_of_a_common_share() -> None:
    assert Shared(50, 100, 1).limits(0.0027) == (0, 1)
    assert Shared(50, 100, 1).p(1) == pytest.approx(1)


# --- other numbers ----------------------------------------------------------------------------------


def test_the_textbook_prediction_interval() -> None:
    """x̄ ± t(n−1) s √(1 + 1/n), n = 10: mean 5.5, s 3.0277, t 2.262 at 95 %."""
    made = Measured(tuple(float(n) for n in range(1, 11)))
    reach = 2.2621571628 * 3.0276503541 * sqrt(1.1)
    assert made.expected == 5.5
    assert made.limits(0.05) == pytest.approx((5.5 - reach, 5.5 + reach))
    assert made.p(5.5 + reach) == pytest.approx(0.05)
    assert Measured(made.values, low=0.0).limits(0.05)[0] == 0


def test_what_never_varied_is_surprised_by_anything_else() -> None:
    still = Measured((3.0, 3.0, 3.0))
    assert (still.p(3.0), still.p(3.1), still.limits(0.05)) == (1, 0, (3, 3))


# --- limits and p say the same ----------------------------------------------------------------------

PREDICTIONS: st.SearchStrategy[Prediction] = st.one_of(
    st.builds(
        Counted,
        st.integers(0, 300),
        st.integers(1, 48),
        st.sampled_from([1.0, 0.4, 3.0]),
        st.sampled_from([1.0, 1.5, 4.0]),
    ),
    st.integers(1, 300).flatmap(
        lambda of: st.builds(
            Shared, st.integers(0, of), st.just(of), st.integers(1, 60), st.sampled_from([1.0, 2.0])
        )
    ),
)


@UNHURRIED
@given(PREDICTIONS, LEVELS)
def test_outside_the_limits_is_where_chance_is_rare(prediction: Prediction, level: float) -> None:
    low, high = prediction.limits(level)
    size = prediction.size if isinstance(prediction, Shared) else 1
    first, last = round(low * size), round(high * size)
    near = {0, first - 1, first, (first + last) // 2, last, last + 1, 2 * last + 9}
    for count in near if size == 1 else range(size + 1):
        value = max(count, 0) / size
        inside = low - 1e-9 <= value <= high + 1e-9
        assert inside == (prediction.p(value) > level), value


@UNHURRIED
@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=30), st.floats(-3e3, 3e3), LEVELS)
def test_the_same_for_other_numbers(values: list[float], value: float, level: float) -> None:
    made = Measured(tuple(values))
    assume(np.std(values) > 1e-6)
    low, high = made.limits(level)
    assume(min(abs(value - low), abs(value - high)) > 1e-6)
    assert (low <= value <= high) == (made.p(value) > level)


@UNHURRIED
@given(PREDICTIONS, LEVELS)
def test_the_expected_is_never_unusual_and_greater_changes_are_found_sooner(
    prediction: Prediction, level: float
) -> None:
    low, high = prediction.limits(level)
    whole = 1 if isinstance(prediction, Counted) else 1 / getattr(prediction, "size", 1)
    assert low - whole <= prediction.expected <= high + whole
    found = [prediction.found(by, level) for by in (1.2, 1.5, 2.0, 4.0)]
    assert all(0 <= chance_of <= 1 for chance_of in found)
    if isinstance(prediction, Counted):
        assert found == sorted(found)


def test_power_is_what_drawing_gives() -> None:
    dice, made = np.random.default_rng(5), Counted(360, 24)
    _, high = made.limits(0.0027)
    drawn = dice.poisson(15 * 1.5, 200_000)
    assert made.found(1.5, 0.0027) == pytest.approx((drawn > high).mean(), abs=0.005)
    wide = Counted(360, 24, factor=1.5)
    _, high = wide.limits(0.0027)
    drawn = dice.negative_binomial(22.5 / 0.5, 1 / 1.5, 200_000)
    assert wide.found(1.5, 0.0027) == pytest.approx((drawn > high).mean(), abs=0.005)


def test_large_counts_are_finite_and_near_the_normal_ones() -> None:
    for made in (Counted(24_000_000, 24), Counted(24_000_000, 24, factor=1.5)):
        low, high = made.limits(0.0027)
        reach = 3 * sqrt(made.factor * 1_000_000 * 25 / 24)
        assert (low, high) == (pytest.approx(1e6 - reach, rel=1e-4), pytest.approx(1e6 + reach, rel=1e-4))
        assert made.p(1_000_000) > 0.9
    large = Shared(900_000, 1_000_000, 1_000_000)
    assert large.p(0.9) > 0.9
    assert all(map(isfinite, (*large.limits(0.0027), large.p(0.5), large.p(0.0))))


def test_after_nothing_something_must_be_much_to_be_a_signal() -> None:
    nothing = Counted(0, 24)
    assert (nothing.expected, nothing.p(0)) == (0, 1)
    assert nothing.limits(0.0027)[0] == 0
    assert nothing.limits(0.0027)[1] >= 1
    assert nothing.p(5) < 0.0027


def test_a_limit_is_found_however_much_the_numbers_vary() -> None:
    """Persons of group visits vary thirty times as much as items: a place with none before has a limit."""
    low, high = Counted(0, 24, factor=30).limits(0.0027)
    assert low == 0
    assert 10 < high < 1000


# --- dispersion -------------------------------------------------------------------------------------


def test_the_index_of_dispersion_of_bortkiewicz() -> None:
    """Deaths by horse kick in 14 Prussian corps over 20 years: 109, 65, 22, 3, 1 of 200 corps-years."""
    deaths = [0] * 109 + [1] * 65 + [2] * 22 + [3] * 3 + [4]
    found = chance.dispersion_of_counts([deaths])
    assert found.ratio == pytest.approx(0.6110 / 0.61, abs=5e-4)  # the variance and the mean as published
    assert found.p > 0.4
    assert found.factor == pytest.approx(found.ratio)


def test_dispersion_is_pooled_over_groups_and_less_than_chance_is_not_believed() -> None:
    even = chance.dispersion_of_counts([[5, 5, 5], [9, 9]])
    assert (even.ratio, even.factor, even.p) == (0, 1, 1)
    two = chance.dispersion_of_counts([[2, 4, 6], [10, 20]])
    assert two.ratio == pytest.approx(((4 + 0 + 4) / 4 + (25 + 25) / 15) / 3)
    assert chance.dispersion_of_counts([[0, 0], [3], []]) == chance.Dispersion(1, 1)


def test_dispersion_of_shares_is_the_chi_square_of_their_table() -> None:
    pairs = [(12, 100), (30, 110), (9, 90), (21, 100)]
    table = [[k for k, _ in pairs], [n - k for k, n in pairs]]
    theirs = stats.chi2_contingency(table, correction=False)
    found = chance.dispersion_of_shares([pairs, [(0, 5), (0, 7)], [(3, 3)], [(0, 0), (1, 2)]])
    assert found.ratio == pytest.approx(theirs.statistic / 3)
    assert found.p == pytest.approx(theirs.pvalue)


# --- many at once -----------------------------------------------------------------------------------


@UNHURRIED
@given(st.lists(st.floats(0, 1) | st.floats(0, 0.01), min_size=1, max_size=60), st.floats(0.01, 0.2))
def test_the_threshold_decides_as_benjamini_and_hochberg(p_values: list[float], rate: float) -> None:
    theirs, adjusted, *_ = multipletests(p_values, alpha=rate, method="fdr_bh")
    assume(np.abs(adjusted - rate).min() > 1e-9)
    level = chance.threshold(p_values, rate)
    if theirs.any():
        assert [p <= level for p in p_values] == theirs.tolist()
    else:
        assert not any(p <= level * (1 - 1e-9) for p in p_values)
        assert level == pytest.approx(rate / len(p_values))


def test_the_published_example_of_benjamini_and_hochberg() -> None:
    """1995, section 4.1: fifteen p-values of Neuhaus et al.; at 0.05 the first four are rejected."""
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    published += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    level = chance.threshold(published, 0.05)
    assert sum(p <= level for p in published) == 4
    assert level == pytest.approx(0.0133, abs=5e-5)
    assert chance.threshold([], 0.05) == 0.05


def test_no_lower_bound_where_none_is_given() -> None:
    assert Measured((1.0, 2.0)).low == -inf
