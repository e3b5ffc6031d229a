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
    // The tail is convex: Newton's steps from its left stay there, and grow by 1/ν of what they start from until they are near.
    const MOST: usize = 1_000;
    let mut t = 0.0;
    for _ in 0..MOST {
        let step = (student_tail(t, degrees) - tail) / student_density(t, degrees);
        if !step.is_finite() || step.abs() <= 2.0 * f64::EPSILON * t {
            break;
        }
        t += step;
    }
    t
}

/// P(T > t) for t ≥ 0 by the incomplete beta function (Abramowitz & Stegun 26.5.4, 26.7.1): near 0 what is missing to a half,
/// elsewhere the tail itself, each term of which is positive, so that small ones are as exact as large ones.
fn student_tail(t: f64, degrees: u32) -> f64 {
    let (nu, density) = (f64::from(degrees), student_density(t, degrees));
    let x = 1.0 / (1.0 + t * t / nu);
    if x > 0.5 {
        0.5 - density * t * series(1.0 - x, nu, 1.5)
    } else {
        density * t / nu * series(x, nu, nu / 2.0 + 1.0)
    }
}

/// Σ xⁿ · ((ν + 1)/2)ₙ / cₙ, in rising factorials, for x ≤ 1/2.
fn series(x: f64, nu: f64, c: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 0.0);
    while term > f64::EPSILON * sum / 16.0 {
        term *= x * (nu / 2.0 + 0.5 + n) / (c + n);
        sum += term;
        n += 1.0;
    }
    sum
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
    let series = (0..=14)
        .rev()
        .fold(0.0, |series, n| series * s * s + 1.0 / f64::from(2 * n + 1));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17: `norm.isf(p)`, `t.isf(p, 7)`, `t.isf(p, 8)`, …, `t.isf(p, 11)`.
    const SCIPY: [(f64, f64, [f64; 5]); 9] = [
        (
            0.2,
            0.8416212335729142,
            [
                0.8960296443137649,
                0.8888895177670199,
                0.8834038596855341,
                0.8790578285505889,
                0.8755299780738814,
            ],
        ),
        (
            0.1,
            1.2815515655446004,
            [
                1.4149239276505083,
                1.3968153097438651,
                1.3830287383966327,
                1.3721836411103359,
                1.3634303180205407,
            ],
        ),
        (
            0.05,
            1.6448536269514729,
            [
                1.8945786050900066,
                1.859548037530898,
                1.8331129326562376,
                1.812461122811676,
                1.795884818704044,
            ],
        ),
        (
            0.025,
            1.9599639845400545,
            [
                2.3646242515927844,
                2.3060041352041662,
                2.2621571627982053,
                2.2281388519862753,
                2.2009851600916392,
            ],
        ),
        (
            0.01,
            2.3263478740408408,
            [
                2.9979515668685286,
                2.8964594477096224,
                2.8214379250258093,
                2.763769458112696,
                2.7180791838138627,
            ],
        ),
        (
            0.001,
            3.090232306167813,
            [
                4.785289628638334,
                4.500790933723724,
                4.296805662729919,
                4.143700494046589,
                4.024701037630739,
            ],
        ),
        (
            2e-05,
            4.10747965458625,
            [
                9.08936931160041,
                8.097991293878078,
                7.42411299251182,
                6.939032214565245,
                6.574481348435714,
            ],
        ),
        (
            1e-06,
            4.753424308822899,
            [
                14.241469651981443,
                12.109834665556214,
                10.7201604099095,
                9.751995490940581,
                9.043275921273752,
            ],
        ),
        (
            1e-09,
            5.9978070150076865,
            [
                38.70598064323161,
                29.289321118225654,
                23.7299198193785,
                20.144697766673996,
                17.677863894376582,
            ],
        ),
    ];

    #[test]
    fn c13_quantiles_are_scipys() {
        let off = |found: f64, scipy: f64| (found / scipy - 1.0).abs();
        for (tail, of_normal, of_student) in SCIPY {
            assert!(off(normal(tail), of_normal) < 1e-12, "normal, {tail}");
            for (degrees, scipy) in (7..).zip(of_student) {
                let found = student(tail, degrees);
                assert!(
                    off(found, scipy) < 1e-12,
                    "t, {tail}, {degrees}: {found} and {scipy}"
                );
            }
        }
    }

    #[test]
    fn the_logarithm_is_that_of_the_standard_library() {
        for value in [1e-300, 2e-16, 0.004, 0.1, 0.5, 0.75, 1.0, 1.4, 1.5, 1e10] {
            let (found, std) = (ln(value), f64::ln(value));
            assert!((found - std).abs() <= 1e-15 * std.abs().max(1.0), "{value}");
        }
    }
}
