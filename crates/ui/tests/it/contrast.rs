//! Contrast of every pair of text and ground, computed from `tokens.css`: OKLCH to linear sRGB to the ratio of WCAG 2.2.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../assets/css/tokens.css");

/// Grounds that ordinary text stands on.
const GROUNDS: [&str; 5] = ["paper", "surface", "raised", "sunken", "hover"];

/// Text that may stand on any of them.
const INKS: [&str; 8] = [
    "ink",
    "ink-quiet",
    "ink-faint",
    "accent-ink",
    "success-ink",
    "attention-ink",
    "danger-ink",
    "info-ink",
];

/// Text that has a ground of its own.
const PAIRS: [(&str, &str); 12] = [
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger-fill"),
    ("accent-ink", "accent-soft"),
    ("ink", "accent-soft"),
    ("success-ink", "success-soft"),
    ("attention-ink", "attention-soft"),
    ("danger-ink", "danger-soft"),
    ("info-ink", "info-soft"),
    ("ink", "danger-soft"),
    ("ink", "attention-soft"),
    ("ink-quiet", "accent-soft"),
];

/// Graphics and the edges of controls, which need 3 to 1.
const EDGES: [&str; 7] = [
    "line-strong",
    "focus",
    "accent",
    "success-edge",
    "attention-edge",
    "danger-edge",
    "info-edge",
];

#[derive(Debug, Clone, Copy)]
struct Colour {
    lightness: f64,
    chroma: f64,
    hue: f64,
}

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix("oklch(")?.strip_suffix(')')?;
        let mut parts = inner.split_whitespace();
        let lightness = parts.next()?.strip_suffix('%')?.parse::<f64>().ok()? / 100.0;
        Some(Self {
            lightness,
            chroma: parts.next()?.parse().ok()?,
            hue: parts.next()?.parse().ok()?,
        })
    }

    /// Linear sRGB, by Ottosson's matrices; clipped as a browser would.
    fn linear(self) -> [f64; 3] {
        let (a, b) = (
            self.chroma * self.hue.to_radians().cos(),
            self.chroma * self.hue.to_radians().sin(),
        );
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
        .map(|channel| channel.clamp(0.0, 1.0))
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

fn ratio(one: Colour, other: Colour) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Name to light and dark colour.
fn tokens() -> BTreeMap<&'static str, (Colour, Colour)> {
    TOKENS
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
            let (light, dark) = value.strip_suffix(");")?.split_once("), ")?;
            Some((name, (Colour::parse(&format!("{light})"))?, Colour::parse(dark)?)))
        })
        .collect()
}

fn check(text: &str, ground: &str, least: f64, failures: &mut Vec<String>) {
    let tokens = tokens();
    let find = |name: &str| {
        *tokens
            .get(name)
            .unwrap_or_else(|| panic!("tokens.css has no colour --{name}"))
    };
    let ((text_light, text_dark), (ground_light, ground_dark)) = (find(text), find(ground));
    for (theme, found) in [
        ("light", ratio(text_light, ground_light)),
        ("dark", ratio(text_dark, ground_dark)),
    ] {
        if found < least {
            failures.push(format!("{text} on {ground}, {theme}: {found:.2} < {least}"));
        }
    }
}

#[test]
fn the_formula_gives_known_ratios() {
    let grey = |lightness| Colour {
        lightness,
        chroma: 0.0,
        hue: 0.0,
    };
    assert!((ratio(grey(1.0), grey(0.0)) - 21.0).abs() < 0.01);
    // oklch(62.8% 0.2577 29.23) is sRGB red, whose ratio to white is 4.00.
    assert!(
        (ratio(
            grey(1.0),
            Colour {
                lightness: 0.628,
                chroma: 0.2577,
                hue: 29.23
            }
        ) - 4.0)
            .abs()
            < 0.03
    );
}

#[test]
fn every_pair_of_text_and_ground_meets_four_and_a_half_to_one() {
    let mut failures = Vec::new();
    for ground in GROUNDS {
        for ink in INKS {
            check(ink, ground, 4.5, &mut failures);
        }
    }
    for (text, ground) in PAIRS {
        check(text, ground, 4.5, &mut failures);
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_edge_and_graphic_meets_three_to_one() {
    let mut failures = Vec::new();
    for ground in ["paper", "surface", "raised", "sunken"] {
        for edge in EDGES {
            check(edge, ground, 3.0, &mut failures);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
