//! Quantiles of the normal and of Student's distribution, to 1e-12 of their size. Only with the operations that every machine
//! rounds alike (+ − · ÷ √), so that evidence is recomputed to the byte anywhere: the logarithm of the standard library is not
//! among them. Must not know what they are for.

use std::f64::consts::{LN_2, PI, SQRT_2};

/// The value that a standard normal variable exceeds with this probability, in (0, 1).
/// Wichura 1988, "Algorithm AS 241: The Percentage Points of the Normal Distribution".
pub fn normal(tail: f64) -> f64 {
    let centred = 0.5 - tail;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return centred * fraction(r, &CENTRE);
    }
    let r = (-ln(tail.min(1.0 - tail))).sqrt();
    let size = if r <= 5.0 {
        fraction(r - 1.6, &MIDDLE)
    } else {
        fraction(r - 5.0, &FAR)
    };
    if centred < 0.0 { -size } else { size }
}

/// The value that Student's t with so many degrees of freedom exceeds with this probability, in (0, 0.5).
pub fn student(tail: f64, degrees: u32) -> f64 {
    // The tail is convex from 0 on: Newton's steps from below never leave that side, and double what they start from until they
    // are near.
    let mut t = 0.0;
    for _ in 0..400 {
        let step = (student_tail(t, degrees) - tail) / student_density(t, degrees);
        let next = t + step;
        if !next.is_finite() || (next - t).abs() <= 4.0 * f64::EPSILON * next.abs() {
            return t;
        }
        t = next;
    }
    t
}

/// P(T > t) for t ≥ 0: half the incomplete beta function at ν/(ν + t²) with ν/2 and 1/2 (Abramowitz & Stegun 26.5.4, 26.7.1),
/// every term of which is positive, so that small tails are as exact as large ones.
fn student_tail(t: f64, degrees: u32) -> f64 {
    let nu = f64::from(degrees);
    let ratio = t * t / nu;
    let x = 1.0 / (1.0 + ratio);
    if x > 0.5 {
        return 0.5 - t * student_density(t, degrees) * (1.0 + ratio) * near(1.0 - x, nu);
    }
    let (mut term, mut series) = (1.0, 1.0);
    let mut n = 0.0;
    while term > f64::EPSILON * series * 0.01 {
        term *= x * (nu / 2.0 + 0.5 + n) / (nu / 2.0 + 1.0 + n);
        series += term;
        n += 1.0;
    }
    // The density at t is the factor before the series but for t/ν.
    student_density(t, degrees) * t / nu * series
}

/// The series of the other side of the same function, for t near 0.
fn near(y: f64, nu: f64) -> f64 {
    let (mut term, mut series) = (1.0, 1.0);
    let mut n = 0.0;
    while term > f64::EPSILON * series * 0.01 {
        term *= y * (nu / 2.0 + 0.5 + n) / (1.5 + n);
        series += term;
        n += 1.0;
    }
    series / (1.0 + y / (1.0 - y))
}

/// The density of Student's t.
fn student_density(t: f64, degrees: u32) -> f64 {
    let nu = f64::from(degrees);
    let x = 1.0 / (1.0 + t * t / nu);
    // x^((ν+1)/2)
    let whole = (0..(degrees + 1) / 2).fold(1.0, |power, _| power * x);
    let power = if degrees.is_multiple_of(2) {
        whole * x.sqrt()
    } else {
        whole
    };
    power / (nu.sqrt() * beta(degrees))
}

/// B(ν/2, 1/2) for a whole ν ≥ 1, by B(a + 1, b) = B(a, b) · a/(a + b).
fn beta(degrees: u32) -> f64 {
    let (first, start) = if degrees.is_multiple_of(2) {
        (2, 2.0)
    } else {
        (1, PI)
    };
    (first..degrees).step_by(2).fold(start, |beta, half| {
        beta * f64::from(half) / f64::from(half + 1)
    })
}

/// The natural logarithm of a positive, normal number: 2 artanh((m − 1)/(m + 1)) of its mantissa.
fn ln(value: f64) -> f64 {
    let (mut mantissa, mut exponent) = (value, 0.0);
    while mantissa < 1.0 / SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1.0;
    }
    while mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let series = (0..=14).rev().fold(0.0, |series, n| {
        series * s * s + 1.0 / f64::from(2 * n + 1)
    });
    exponent * LN_2 + 2.0 * s * series
}

/// A quotient of two polynomials, lowest coefficient first.
fn fraction(r: f64, [above, below]: &[[f64; 8]; 2]) -> f64 {
    let polynomial = |coefficients: &[f64; 8]| {
        let mut highest = coefficients.iter().rev();
        highest.by_ref().fold(0.0, |value, one| value * r + one)
    };
    polynomial(above) / polynomial(below)
}

const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_608,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561e3,
    ],
];

const MIDDLE: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_7e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        6.897_673_349_851_000_045_5e-1,
        1.481_039_764_274_800_745_9e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
];

const FAR: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        2.965_605_718_285_048_912_3e-1,
        2.653_218_952_657_612_309_3e-2,
        1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_9e-1,
        1.369_298_809_227_358_053_1e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
];
