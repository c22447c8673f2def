//! Two versions of a text side by side, what differs marked: shown when two people changed the same record.
//!
//! Pure. Compares by words; texts too long for that by lines, so the time is bounded.

use maud::{Markup, html};

/// The largest table of word pairs that is compared (some 4 MB of memory).
const CELLS_MAX: usize = 1_000_000;

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Piece<'a> {
    Both(&'a str),
    Left(&'a str),
    Right(&'a str),
}

/// Both texts under their headings; words only in the left one are marked as removed, words only in the right one as added.
pub fn diff(left_heading: &str, left: &str, right_heading: &str, right: &str) -> Markup {
    let pieces = compare(left, right);
    html! {
        div.diff { div.diff__sides {
            section.diff__side {
                h3.diff__heading { (left_heading) }
                p.diff__text { @for piece in &pieces { @match piece {
                    Piece::Both(text) => { (text) } Piece::Left(text) => { del { (text) } } Piece::Right(_) => {}
                } } }
            }
            section.diff__side {
                h3.diff__heading { (right_heading) }
                p.diff__text { @for piece in &pieces { @match piece {
                    Piece::Both(text) => { (text) } Piece::Right(text) => { ins { (text) } } Piece::Left(_) => {}
                } } }
            }
        } }
    }
}

fn compare<'a>(left: &'a str, right: &'a str) -> Vec<Piece<'a>> {
    let words = |text: &'a str| text.split_inclusive(char::is_whitespace).collect::<Vec<_>>();
    let lines = |text: &'a str| text.split_inclusive('\n').collect::<Vec<_>>();
    let (a, b) = (words(left), words(right));
    if a.len().saturating_mul(b.len()) <= CELLS_MAX {
        return align(&a, &b);
    }
    let (a, b) = (lines(left), lines(right));
    if a.len().saturating_mul(b.len()) <= CELLS_MAX {
        return align(&a, &b);
    }
    vec![Piece::Left(left), Piece::Right(right)]
}

/// Longest common subsequence, after equal heads and tails are set aside.
fn align<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<Piece<'a>> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a_rest, b_rest) = (&a[head..], &b[head..]);
    let tail = a_rest
        .iter()
        .rev()
        .zip(b_rest.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a_mid, b_mid) = (&a_rest[..a_rest.len() - tail], &b_rest[..b_rest.len() - tail]);

    let width = b_mid.len() + 1;
    let mut common = vec![0_u32; (a_mid.len() + 1) * width];
    for i in (0..a_mid.len()).rev() {
        for j in (0..b_mid.len()).rev() {
            common[i * width + j] = if a_mid[i] == b_mid[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }

    let mut pieces: Vec<Piece> = a[..head].iter().map(|word| Piece::Both(word)).collect();
    let (mut i, mut j) = (0, 0);
    while i < a_mid.len() && j < b_mid.len() {
        if a_mid[i] == b_mid[j] {
            pieces.push(Piece::Both(a_mid[i]));
            i += 1;
            j += 1;
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            pieces.push(Piece::Left(a_mid[i]));
            i += 1;
        } else {
            pieces.push(Piece::Right(b_mid[j]));
            j += 1;
        }
    }
    pieces.extend(a_mid[i..].iter().map(|word| Piece::Left(word)));
    pieces.extend(b_mid[j..].iter().map(|word| Piece::Right(word)));
    pieces.extend(a_rest[a_rest.len() - tail..].iter().map(|word| Piece::Both(word)));
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Piece, compare};

    fn sides(left: &str, right: &str) -> (String, String) {
        let pieces = compare(left, right);
        let text = |keep: fn(&Piece) -> Option<String>| pieces.iter().filter_map(keep).collect::<String>();
        (
            text(|piece| {
                if let Piece::Both(t) | Piece::Left(t) = piece {
                    Some((*t).to_string())
                } else {
                    None
                }
            }),
            text(|piece| {
                if let Piece::Both(t) | Piece::Right(t) = piece {
                    Some((*t).to_string())
                } else {
                    None
                }
            }),
        )
    }

    #[test]
    fn both_sides_keep_every_character() {
        for (left, right) in [
            ("", ""),
            ("a b c", "a x c"),
            ("same", "same"),
            ("  two\nlines ", "other\n"),
            ("x", ""),
            ("a b a b", "b a b a"),
        ] {
            assert_eq!(sides(left, right), (left.to_string(), right.to_string()));
        }
    }

    #[test]
    fn only_the_changed_word_is_marked() {
        assert_eq!(
            compare("sleeps badly now", "sleeps well now"),
            [
                Piece::Both("sleeps "),
                Piece::Left("badly "),
                Piece::Right("well "),
                Piece::Both("now")
            ]
        );
    }

    #[test]
    fn long_texts_are_compared_in_bounded_time() {
        let left = "word ".repeat(200_000);
        let right = "else ".repeat(200_000);
        assert_eq!(compare(&left, &right).len(), 2);
    }
}
