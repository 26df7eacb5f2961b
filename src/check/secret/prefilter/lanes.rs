//! Which kind of byte stands where: text in blocks of 64 bytes, a bit for each byte of a block.
//!
//! Everything that the first pass asks of every byte is asked here, in two ways with one meaning:
//! in plain code that any compiler turns into vector instructions, and with those of AVX2, which
//! are several times as fast. A test holds them to the same answers.

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// Bytes that are judged together: half a block.
pub(super) const HALF: usize = 32;

/// Bytes that a fingerprint covers.
pub(super) const PRINT: usize = 4;

/// Half a block, and what the fingerprints of its last bytes reach into.
const LOOK: usize = HALF + PRINT;

/// A bit for each byte, the first in the lowest: of half a block (32 bits) or a block (64).
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Masks<B = u64> {
    /// Letters and digits.
    pub(super) alnum: B,
    /// Digits.
    pub(super) digit: B,
    /// Capitals.
    pub(super) capital: B,
    /// Letters, digits and `_`: what a word is made of.
    pub(super) word: B,
    /// The same and `-`: what a token is made of.
    pub(super) token: B,
    /// The same, `+` and `/`: both forms of base64.
    pub(super) wide: B,
    /// The same and `. = ~ % : | !`: what joins the parts of a token.
    pub(super) dense: B,
    /// Where four bytes begin that may be those of a literal. Always none in plain code.
    pub(super) marks: B,
}

impl Masks {
    /// Puts a block together. (In the code that judges, compilers would do so byte by byte.)
    #[inline]
    pub(super) fn of(first: &Masks<u32>, second: &Masks<u32>) -> Self {
        let both =
            |half: fn(&Masks<u32>) -> u32| u64::from(half(first)) | u64::from(half(second)) << HALF;
        Self {
            alnum: both(|m| m.alnum),
            digit: both(|m| m.digit),
            capital: both(|m| m.capital),
            word: both(|m| m.word),
            token: both(|m| m.token),
            wide: both(|m| m.wide),
            dense: both(|m| m.dense),
            marks: both(|m| m.marks),
        }
    }
}

/// Groups of sets of four bytes. With a third as many, nine times as many places are marked.
pub(super) const GROUPS: u8 = 24;
const EIGHTS: usize = GROUPS as usize / 8;

/// Sets of four bytes each, in groups: of every byte both halves are looked up, and what all eight
/// look-ups have in common are the groups that may stand there. Letters count in both cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fingerprints {
    /// A look-up tells of eight groups.
    eights: [Eight; EIGHTS],
}

/// Eight groups, a bit each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Eight {
    /// For each of the four bytes and each value of its lower half: the groups that have it.
    low: [[u8; 16]; PRINT],
    /// The same for the upper half.
    high: [[u8; 16]; PRINT],
}

impl Fingerprints {
    /// Adds four bytes to a group, one of [`GROUPS`]. None stands for any byte.
    pub(super) fn add(&mut self, group: u8, bytes: [Option<u8>; PRINT]) {
        let Some(eight) = self.eights.get_mut(usize::from(group / 8)) else {
            return;
        };
        let bit = 1 << (group % 8);
        for ((low, high), byte) in eight.low.iter_mut().zip(&mut eight.high).zip(bytes) {
            for half in 0..16_u8 {
                let has = |value: u8| byte.is_none_or(|_| value == half);
                let folded = byte.unwrap_or(0) | CASE;
                for (table, value) in [(&mut *low, folded & 15), (&mut *high, folded >> 4)] {
                    if let Some(entry) = table.get_mut(usize::from(half)).filter(|_| has(value)) {
                        *entry |= bit;
                    }
                }
            }
        }
    }
}

/// What makes a capital letter a small one.
const CASE: u8 = 0x20;

/// How blocks are judged on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lanes {
    /// As any machine can.
    Plain,
    /// With the vector instructions of AVX2. Made by [`Lanes::best`] alone, where they exist.
    #[cfg(target_arch = "x86_64")]
    Avx2(Detected),
}

/// The proof that this machine has the instructions.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detected(());

impl Lanes {
    /// The fastest way that this machine has.
    pub(super) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if avx2::exists() {
            return Self::Avx2(Detected(()));
        }
        Self::Plain
    }

    /// Whether [`Masks::marks`] are told.
    pub(super) fn marks(self) -> bool {
        self != Self::Plain
    }

    /// Does work in the way of this machine.
    pub(super) fn run(self, work: impl Work) {
        match self {
            Self::Plain => work.run(plain_halves),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(Detected(())) => {
                #[expect(
                    unsafe_code,
                    reason = "half of a scan's time is spent in this pass; it is 4 times as fast"
                )]
                // SAFETY: the function needs instructions that `Detected` is the proof of: it is
                // made only where the machine said that it has them. The function itself is safe.
                unsafe {
                    avx2::run(work);
                }
            }
        }
    }
}

/// What is done with text that is judged: compiled once for each way of judging, as a whole, so that
/// all of it may use the machine's instructions.
pub(super) trait Work {
    /// Does it. `judge` judges the halves of blocks from an offset of the text on, as many as there
    /// is room for. Behind the text's end stand zeros.
    fn run(self, judge: impl Fn(&[u8], usize, &Fingerprints, &mut [Masks<u32>]));
}

fn plain_halves(text: &[u8], from: usize, _: &Fingerprints, out: &mut [Masks<u32>]) {
    for (at, masks) in (from..).step_by(HALF).zip(out) {
        *masks = plain(&look(text, at));
    }
}

/// The bytes from an offset on.
#[inline]
fn look(text: &[u8], at: usize) -> [u8; LOOK] {
    let rest = text.get(at..).unwrap_or(&[]);
    if let Some(whole) = rest.first_chunk() {
        return *whole;
    }
    let mut padded = [0; LOOK];
    if let Some(front) = padded.get_mut(..rest.len()) {
        front.copy_from_slice(rest);
    }
    padded
}

/// A byte of zero or one for each byte first, in a loop that compilers turn into vector
/// instructions, then eight of those to eight bits by one multiplication.
fn plain(bytes: &[u8; LOOK]) -> Masks<u32> {
    let mut flags = [[0_u8; HALF]; 7];
    let [alnums, digits, capitals, words, tokens, wides, denses] = &mut flags;
    let places = alnums
        .iter_mut()
        .zip(digits)
        .zip(capitals)
        .zip(words)
        .zip(tokens)
        .zip(wides)
        .zip(denses);
    for (byte, ((((((alnum, digit), capital), word), token), wide), dense)) in
        bytes.iter().zip(places)
    {
        let letter = (byte | CASE).wrapping_sub(b'a') < 26;
        *digit = u8::from(byte.wrapping_sub(b'0') < 10);
        *capital = u8::from(byte.wrapping_sub(b'A') < 26);
        *alnum = u8::from(letter) | *digit;
        *word = *alnum | u8::from(*byte == b'_');
        *token = *word | u8::from(*byte == b'-');
        *wide = *token | u8::from((*byte == b'+') | (*byte == b'/'));
        let joint = (*byte == b'.')
            | (*byte == b'=')
            | (*byte == b'~')
            | (*byte == b'%')
            | (*byte == b':')
            | (*byte == b'|')
            | (*byte == b'!');
        *dense = *wide | u8::from(joint);
    }
    let [alnum, digit, capital, word, token, wide, dense] = flags.map(|flags| bits(&flags));
    Masks {
        alnum,
        digit,
        capital,
        word,
        token,
        wide,
        dense,
        marks: 0,
    }
}

fn bits(flags: &[u8; HALF]) -> u32 {
    // The flag of byte n goes to bit 56 + n.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |bits, (at, eight)| {
        let [.., gathered] = u64::from_le_bytes(*eight)
            .wrapping_mul(GATHER)
            .to_le_bytes();
        bits | u32::from(gathered) << (8 * at)
    })
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_set_epi64x, _mm256_add_epi8, _mm256_and_si256, _mm256_andnot_si256,
        _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::{EIGHTS, Fingerprints, HALF, LOOK, Masks, PRINT, Work, look};

    /// Whether this machine has what [`run`] needs.
    pub(super) fn exists() -> bool {
        use std::arch::is_x86_feature_detected as has;
        has!("avx2") && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("popcnt")
    }

    /// As [`super::Lanes::run`].
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn run(work: impl Work) {
        work.run(|text, from, prints, out| judge(text, from, prints, out));
    }

    #[target_feature(enable = "avx2")]
    fn judge(text: &[u8], from: usize, prints: &Fingerprints, out: &mut [Masks<u32>]) {
        let tables = prints.eights.each_ref().map(|eight| Tables {
            low: eight.low.map(|table| twice(&table)),
            high: eight.high.map(|table| twice(&table)),
        });
        for (at, masks) in (from..).step_by(HALF).zip(out) {
            let rest = text.get(at..).unwrap_or(&[]);
            *masks = match rest.first_chunk() {
                Some(whole) => half(whole, &tables),
                None => half(&look(text, at), &tables),
            };
        }
    }

    struct Tables {
        low: [__m256i; PRINT],
        high: [__m256i; PRINT],
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn half(bytes: &[u8; LOOK], [first, second, third]: &[Tables; EIGHTS]) -> Masks<u32> {
        let here = load::<0>(bytes);
        let folded = _mm256_or_si256(here, every(super::CASE));
        // Comparisons are signed: what is wanted is moved to the upper end of the numbers.
        let letter = _mm256_cmpgt_epi8(_mm256_add_epi8(folded, every(127 - b'z')), every(127 - 26));
        let digit = _mm256_cmpgt_epi8(_mm256_add_epi8(here, every(127 - b'9')), every(127 - 10));
        let capital = _mm256_andnot_si256(_mm256_cmpeq_epi8(here, folded), letter);
        let alnum = _mm256_or_si256(letter, digit);
        let is = |byte: u8| _mm256_cmpeq_epi8(here, every(byte));
        let word = _mm256_or_si256(alnum, is(b'_'));
        let token = _mm256_or_si256(word, is(b'-'));
        let wide = _mm256_or_si256(token, _mm256_or_si256(is(b'+'), is(b'/')));
        let any = |a: __m256i, b: __m256i| _mm256_or_si256(a, b);
        let dense = any(
            any(wide, any(is(b'.'), is(b'='))),
            any(
                any(is(b'~'), is(b'%')),
                any(any(is(b':'), is(b'|')), is(b'!')),
            ),
        );
        let halves = [
            halves(here),
            halves(load::<1>(bytes)),
            halves(load::<2>(bytes)),
            halves(load::<3>(bytes)),
        ];
        let groups = any(
            any(common(&halves, first), common(&halves, second)),
            common(&halves, third),
        );
        let none = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
        Masks {
            alnum: mask(alnum),
            digit: mask(digit),
            capital: mask(capital),
            word: mask(word),
            token: mask(token),
            wide: mask(wide),
            dense: mask(dense),
            marks: !mask(none),
        }
    }

    /// The lower and the upper half of every byte, of letters that of the small one.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn halves(bytes: __m256i) -> [__m256i; 2] {
        let folded = _mm256_or_si256(bytes, every(super::CASE));
        [
            _mm256_and_si256(folded, every(15)),
            _mm256_and_si256(_mm256_srli_epi16::<4>(folded), every(15)),
        ]
    }

    /// The groups that have all four bytes.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn common(halves: &[[__m256i; 2]; PRINT], tables: &Tables) -> __m256i {
        let has = |at: usize| {
            let [low, high] = halves[at];
            _mm256_and_si256(
                _mm256_shuffle_epi8(tables.low[at], low),
                _mm256_shuffle_epi8(tables.high[at], high),
            )
        };
        _mm256_and_si256(
            _mm256_and_si256(has(0), has(1)),
            _mm256_and_si256(has(2), has(3)),
        )
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn every(byte: u8) -> __m256i {
        _mm256_set1_epi8(byte.cast_signed())
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn mask(flags: __m256i) -> u32 {
        _mm256_movemask_epi8(flags).cast_unsigned()
    }

    /// The 32 bytes from an offset on.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn load<const AT: usize>(bytes: &[u8; LOOK]) -> __m256i {
        const { assert!(AT + 32 <= LOOK) };
        #[expect(
            unsafe_code,
            reason = "put together from numbers, the bytes are moved one by one: 6 times the time"
        )]
        // SAFETY: 32 bytes from `AT` on lie within the array, as the assertion holds; the load asks
        // for no alignment.
        unsafe {
            _mm256_loadu_si256(bytes.as_ptr().add(AT).cast())
        }
    }

    /// A table in both halves.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn twice(table: &[u8; 16]) -> __m256i {
        let (eights, _) = table.as_chunks::<8>();
        let eight = |at: usize| i64::from_le_bytes(eights[at]);
        _mm256_broadcastsi128_si256(_mm_set_epi64x(eight(1), eight(0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::{BLOCK, Fingerprints, GROUPS, Lanes, Masks, PRINT, Work};

    fn judged(lanes: Lanes, text: &[u8], prints: &Fingerprints) -> Vec<Masks> {
        struct All<'a>(&'a [u8], &'a Fingerprints, &'a mut [Masks<u32>]);
        impl Work for All<'_> {
            fn run(self, judge: impl Fn(&[u8], usize, &Fingerprints, &mut [Masks<u32>])) {
                judge(self.0, 0, self.1, self.2);
            }
        }
        let mut halves = vec![Masks::default(); text.len().div_ceil(BLOCK) * 2];
        lanes.run(All(text, prints, &mut halves));
        let (blocks, _) = halves.as_chunks();
        blocks.iter().map(|[a, b]| Masks::of(a, b)).collect()
    }

    #[test]
    fn every_byte_has_its_own_bit() {
        let text: Vec<u8> = (0..=255).collect();
        for lanes in [Lanes::Plain, Lanes::best()] {
            let masks = judged(lanes, &text, &Fingerprints::default());
            for (at, byte) in text.iter().enumerate() {
                let bit =
                    |mask: fn(&Masks) -> u64| mask(&masks[at / BLOCK]) >> (at % BLOCK) & 1 == 1;
                let alnum = byte.is_ascii_alphanumeric();
                assert_eq!(bit(|m| m.alnum), alnum, "{byte}");
                assert_eq!(bit(|m| m.digit), byte.is_ascii_digit(), "{byte}");
                assert_eq!(bit(|m| m.capital), byte.is_ascii_uppercase(), "{byte}");
                assert_eq!(bit(|m| m.word), alnum || *byte == b'_', "{byte}");
                assert_eq!(bit(|m| m.token), alnum || b"_-".contains(byte), "{byte}");
                let wide = alnum || b"_-+/".contains(byte);
                assert_eq!(bit(|m| m.wide), wide, "{byte}");
                assert_eq!(
                    bit(|m| m.dense),
                    wide || b".=~%:|!".contains(byte),
                    "{byte}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn both_ways_say_the_same(text in prop::collection::vec(any::<u8>(), 0..400)) {
            let none = Fingerprints::default();
            prop_assert_eq!(judged(Lanes::Plain, &text, &none), judged(Lanes::best(), &text, &none));
        }

        #[test]
        fn four_bytes_of_a_group_are_always_marked(
            text in prop::collection::vec(prop::sample::select(&b"abAB:/_x"[..]), 0..200),
            prints in prop::collection::vec((0..GROUPS, prop::array::uniform4(prop::sample::select(&b"ab:/_"[..]))), 1..6),
        ) {
            let mut tables = Fingerprints::default();
            for (group, bytes) in &prints {
                tables.add(*group, bytes.map(Some));
            }
            let masks = judged(Lanes::best(), &text, &tables);
            for at in 0..text.len().saturating_sub(PRINT - 1) {
                let here = &text[at..at + PRINT];
                let one = prints.iter().any(|(_, bytes)| here.eq_ignore_ascii_case(bytes));
                let marked = masks[at / BLOCK].marks >> (at % BLOCK) & 1 == 1;
                assert!(marked || !one || !Lanes::best().marks());
            }
        }
    }

    #[test]
    fn few_other_bytes_are_marked() {
        let mut tables = Fingerprints::default();
        tables.add(0, b"toke".map(Some));
        tables.add(1, [Some(b'p'), Some(b'w'), Some(b'd'), None]);
        let text = b"a Token, some tokens, PWD=x and nothing else at all, pwd";
        let masks = judged(Lanes::best(), text, &tables);
        let marks = if Lanes::best().marks() {
            1 << 2 | 1 << 14 | 1 << 22 | 1 << 53
        } else {
            0
        };
        assert_eq!(masks[0].marks, marks);
    }
}
