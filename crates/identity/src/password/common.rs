//! Passwords that are tried first: what breach lists are made of, recognised by how people make them.
//!
//! Of the passwords of twelve or more characters on such lists nearly all are one or two well-known words,
//! keyboard walks, runs or repetitions, dressed with capitals, look-alike characters, a year or a sign. They
//! are undressed here and compared with the words, which covers far more than any list of a fixed length.

/// Words that common passwords are built from.
const WORDS: &str = "password passwort passwd passcode passphrase pass word secret private access login logon signin user username \
    admin administrator root master manager system server service support account office company business default change changeme \
    changeit letmein letme welcome hello goodbye please enter open sesame trustno trust nobody whatever something nothing anything \
    test testing tester guest demo sample example temp temporary computer internet google facebook amazon apple samsung microsoft \
    windows android linux ubuntu yahoo gmail hotmail outlook twitter instagram linkedin youtube netflix minecraft fortnite pokemon \
    pikachu starwars superman batman spiderman ironman avengers marvel naruto matrix mustang ferrari porsche mercedes corvette \
    camaro chevrolet chevy harley toyota honda yamaha suzuki football baseball basketball soccer hockey tennis golf liverpool \
    arsenal chelsea barcelona juventus realmadrid manchester united yankees cowboys steelers eagles lakers redsox packers raiders \
    dragon monkey tiger lion panther jaguar wolf bear eagle falcon phoenix unicorn butterfly dolphin shark kitty kitten puppy dog \
    cat horse pony bunny rabbit chicken turtle elephant penguin panda princess prince queen king angel angels devil demon heaven \
    hell jesus christ god lord blessed faith grace hope peace love lover loveme loveyou iloveyou ilove you forever always honey \
    sweetheart sweetie baby babygirl beautiful gorgeous handsome pretty sexy girl boy mother father mommy daddy sister brother \
    family friend friends friendship sunshine sunflower flower flowers rose daisy lily jasmine rainbow summer winter spring autumn \
    fall january february march april may june july august september october november december monday tuesday wednesday thursday \
    friday saturday sunday morning night today tomorrow birthday christmas holiday vacation freedom liberty america usa canada \
    mexico england london paris france germany berlin india china japan tokyo texas florida california chicago newyork boston \
    dallas houston miami denver seattle vegas michael jennifer jessica jordan ashley amanda daniel andrew joshua matthew \
    christopher anthony robert william thomas charlie charles george richard david joseph james john jonathan nicholas alexander \
    benjamin samuel justin brandon tyler austin hunter taylor michelle melissa stephanie nicole elizabeth samantha victoria \
    natalie hannah sarah rachel rebecca emily emma olivia sophia isabella mary maria martin maggie ginger pepper buster shadow \
    lucky bailey cookie cookies chocolate cheese banana orange cherry strawberry peaches pumpkin coffee guitar music rock metal \
    killer hacker ninja samurai pirate warrior knight wizard merlin zombie vampire ghost silver gold golden diamond purple yellow \
    green blue red black white magic mystic star stars moon sun earth world universe money dollar rich million success winner \
    champion power energy thunder lightning storm fire ice water ocean river mountain forest summertime therapy therapist \
    counseling counselor clinic clinician practice mental health mentalhealth wellness mindful mindfulness doctor nurse patient \
    client frontdesk reception billing medical hospital psych psychology psychologist psychiatry correct battery staple \
    correcthorsebatterystaple qwerty qwert qwertz azerty asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx qweasd qweasdzxc asdqwe";

/// Rows and columns of keyboards, digits and the alphabet: any run along them, either way, is a walk.
const WALKS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "azertyuiop",
    "qwertzuiop",
];
/// The longest piece that is looked for as a repetition.
const PIECE_MAX: usize = 8;
/// Letters that may stand beside the words without making them uncommon.
const OVER_MAX: usize = 2;

/// Whether a password is nothing but what is tried first.
pub(super) fn is_common(password: &str) -> bool {
    let plain: String = password.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let distinct = plain.chars().collect::<std::collections::BTreeSet<_>>().len();
    let alphanumeric: String = plain.chars().filter(|c| c.is_alphanumeric()).collect();
    distinct <= 4
        || is_walk(&alphanumeric)
        || is_repeated(&plain)
        || readings(&plain).iter().any(|reading| is_of_few_words(reading))
}

/// A short piece said over and over.
fn is_repeated(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=PIECE_MAX.min(characters.len() / 2))
        .any(|size| characters.iter().zip(characters.iter().skip(size)).all(|(a, b)| a == b))
}

/// One to three runs of at least three along a walk, and at most two characters over.
fn is_walk(text: &str) -> bool {
    let mut rest = text;
    for _ in 0..3 {
        let Some(length) = longest_run(rest) else { return false };
        rest = rest.get(length..).unwrap_or_default();
        if rest.chars().count() <= OVER_MAX {
            return true;
        }
    }
    false
}

fn longest_run(text: &str) -> Option<usize> {
    let longest = WALKS.iter().map(|walk| walk.len()).max().unwrap_or(0).min(text.len());
    (3..=longest).rev().find(|length| {
        text.get(..*length).is_some_and(|piece| {
            let backwards: String = piece.chars().rev().collect();
            WALKS
                .iter()
                .any(|walk| walk.contains(piece) || walk.contains(&backwards))
        })
    })
}

/// The letters that are left when digits and signs are taken away, and when look-alikes are read as letters.
fn readings(plain: &str) -> [String; 3] {
    let undressed = plain.trim_end_matches(|c: char| !c.is_alphabetic());
    let read = |one: char| -> String {
        let letters = undressed.chars().map(|c| match c {
            '@' | '4' => 'a',
            '3' => 'e',
            '1' | '!' | '|' => one,
            '0' => 'o',
            '$' | '5' => 's',
            '7' | '+' => 't',
            '8' => 'b',
            '9' => 'g',
            other => other,
        });
        letters.filter(|c| c.is_alphabetic()).collect()
    };
    [
        plain.chars().filter(|c| c.is_alphabetic()).collect(),
        read('i'),
        read('l'),
    ]
}

/// Whether the letters are one or two of the words, with at most two letters over.
fn is_of_few_words(letters: &str) -> bool {
    let is_over = |rest: &str| rest.chars().count() <= OVER_MAX;
    let rests = |text: &str| {
        WORDS
            .split_whitespace()
            .filter_map(|word| text.strip_prefix(word))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    is_over(letters)
        || rests(letters)
            .iter()
            .any(|rest| is_over(rest) || rests(rest).iter().any(|last| is_over(last)))
}
