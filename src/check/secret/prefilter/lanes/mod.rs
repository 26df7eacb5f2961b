//! Which kind of byte stands where: text in blocks of 64 bytes, a bit for each byte of a block.
//!
//! Everything that the first pass asks of every byte is asked here, in three ways with one meaning:
//! in plain code that any compiler turns into vector instructions, with those of AVX2, which are
//! several times as fast, and with those of AVX-512, which are twice as fast again. Tests hold them
//! to the same answers.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod plain;
#[cfg(test)]
mod tests;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// Bytes that are judged together: half a block.
pub(super) const HALF: usize = 32;

/// Bytes that a fingerprint covers.
pub(super) const PRINT: usize = 4;

/// Blocks that are judged at a time, at the most: what is noted of them stays in the nearest cache.
pub(super) const CHUNK: usize = 64;

/// A bit for each byte, the first in the lowest: of half a block (32 bits), a block (64), or of the
/// blocks of a sheet.
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
    /// What begins a character in another notation: `\\ % &`.
    pub(super) sign: B,
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
            sign: both(|m| m.sign),
            marks: both(|m| m.marks),
        }
    }
}

/// A mask for each block of a chunk, behind those of the two blocks before it.
pub(super) type Row = [u64; CHUNK + 2];

/// Judged blocks, kind by kind: so what is asked of blocks can be asked of several at once.
pub(super) type Sheet = Masks<Row>;

impl Sheet {
    pub(super) const EMPTY: Self = {
        const NONE: Row = [0; CHUNK + 2];
        Self {
            alnum: NONE,
            digit: NONE,
            capital: NONE,
            word: NONE,
            token: NONE,
            wide: NONE,
            dense: NONE,
            sign: NONE,
            marks: NONE,
        }
    };

    /// Notes a block of the chunk.
    #[inline]
    fn put(&mut self, number: usize, masks: &Masks) {
        let Masks {
            alnum,
            digit,
            capital,
            word,
            token,
            wide,
            dense,
            sign,
            marks,
        } = *masks;
        for (row, mask) in [
            (&mut self.alnum, alnum),
            (&mut self.digit, digit),
            (&mut self.capital, capital),
            (&mut self.word, word),
            (&mut self.token, token),
            (&mut self.wide, wide),
            (&mut self.dense, dense),
            (&mut self.sign, sign),
            (&mut self.marks, marks),
        ] {
            if let Some(place) = row.get_mut(number + 2) {
                *place = mask;
            }
        }
    }

    /// The marks of the blocks of the chunk.
    pub(super) fn marked(&self) -> &[u64; CHUNK] {
        let [_, _, marks @ ..] = &self.marks;
        marks
    }

    /// Makes the last two blocks of a full chunk those before the next.
    pub(super) fn turn(&mut self) {
        self.rows().for_each(|row| row.copy_within(CHUNK.., 0));
    }

    /// Before the first chunk of a text there is nothing.
    pub(super) fn begin(&mut self) {
        self.rows().for_each(|[one, two, ..]| (*one, *two) = (0, 0));
    }

    fn rows(&mut self) -> impl Iterator<Item = &mut Row> {
        let rows = [
            &mut self.alnum,
            &mut self.digit,
            &mut self.capital,
            &mut self.word,
            &mut self.token,
            &mut self.wide,
            &mut self.dense,
            &mut self.sign,
            &mut self.marks,
        ];
        rows.into_iter()
    }
}

/// Groups of sets of four bytes. With two thirds as many, half as many places again are marked, which
/// takes the time that fewer look-ups save.
pub const GROUPS: u8 = 24;
const EIGHTS: usize = GROUPS as usize / 8;

/// Sets of four bytes each, in groups: every byte is looked up, and what all four look-ups have in
/// common are the groups that may stand there. Letters count in both cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fingerprints {
    /// A look-up tells of eight groups.
    eights: [Eight; EIGHTS],
}

/// Eight groups, a bit each, in tables for each of the four bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Eight {
    /// For each value of a byte's lower six bits: the groups that have such a byte.
    six: [[u8; SIX]; PRINT],
    /// For each value of a byte's lower half: the groups that have such a byte.
    low: [[u8; 16]; PRINT],
    /// The same for the upper half.
    high: [[u8; 16]; PRINT],
}

/// Bytes of ASCII.
const ASCII: usize = 128;
/// Values of six bits.
pub(super) const SIX: usize = 64;

impl Default for Eight {
    fn default() -> Self {
        Self {
            six: [[0; SIX]; PRINT],
            low: <[_; PRINT]>::default(),
            high: <[_; PRINT]>::default(),
        }
    }
}

impl Fingerprints {
    /// Adds four bytes to a group, one of [`GROUPS`]. None stands for any byte.
    pub(super) fn add(&mut self, group: u8, set: [Option<u8>; PRINT]) {
        let Some(eight) = self.eights.get_mut(usize::from(group / 8)) else {
            return;
        };
        let bit = 1 << (group % 8);
        let tables = eight
            .six
            .iter_mut()
            .zip(&mut eight.low)
            .zip(&mut eight.high);
        for (((six, low), high), wanted) in tables.zip(set) {
            let Some(wanted) = wanted else {
                // Any byte.
                let tables: [&mut [u8]; 3] = [six, low, high];
                for entry in tables.into_iter().flatten() {
                    *entry |= bit;
                }
                continue;
            };
            let folded = wanted | CASE;
            for byte in cases(wanted) {
                let parts: [(&mut [u8], u8); 3] = [
                    (&mut *six, byte % SIX as u8),
                    (&mut *low, folded & 15),
                    (&mut *high, folded >> 4),
                ];
                for (table, part) in parts {
                    if let Some(entry) = table.get_mut(usize::from(part)) {
                        *entry |= bit;
                    }
                }
            }
        }
    }
}

/// What makes a capital letter a small one.
pub(super) const CASE: u8 = 0x20;

/// A byte as a small letter and as a capital.
pub(super) fn cases(byte: u8) -> impl Iterator<Item = u8> {
    let folded = byte | CASE;
    [folded, folded & !CASE].into_iter().filter(u8::is_ascii)
}

/// By what of a byte its groups are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Its lower six bits.
    Six,
    /// Its halves.
    Halves,
}

#[cfg(test)]
impl Way {
    pub(super) const ALL: [Self; 2] = [Self::Six, Self::Halves];
}

/// How blocks are judged on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lanes {
    /// As any machine can.
    Plain,
    /// With the vector instructions of AVX2. Made by [`Lanes::all`] alone, where they exist.
    #[cfg(target_arch = "x86_64")]
    Avx2(Detected),
    /// With those of AVX-512. Made by [`Lanes::all`] alone, where they exist.
    #[cfg(target_arch = "x86_64")]
    Avx512(Detected),
}

/// The proof that this machine has the instructions.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detected(());

impl Lanes {
    /// The fastest way that this machine has.
    pub(super) fn best() -> Self {
        Self::all().last().unwrap_or(Self::Plain)
    }

    /// Every way that this machine has, the fastest last.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let all = [
            Some(Self::Plain),
            #[cfg(target_arch = "x86_64")]
            avx2::exists().then_some(Self::Avx2(Detected(()))),
            #[cfg(target_arch = "x86_64")]
            avx512::exists().then_some(Self::Avx512(Detected(()))),
        ];
        all.into_iter().flatten()
    }

    /// How [`Masks::marks`] are told, if they are.
    pub(super) fn marks(self) -> Option<Way> {
        match self {
            Self::Plain => None,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Some(Way::Halves),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Some(Way::Six),
        }
    }

    /// Does work in the way of this machine.
    pub(super) fn run(self, work: impl Work) {
        match self {
            Self::Plain => work.run(plain::Plain),
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "half of a scan's time is spent in this pass; it is 4 times as fast"
            )]
            // SAFETY: the function needs instructions that `Detected` is the proof of: it is made
            // only where the machine said that it has them. The function itself is safe.
            Self::Avx2(proof) => unsafe { avx2::run(proof, work) },
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "as for AVX2, and twice as fast again")]
            // SAFETY: as for AVX2; `exists` asks for every instruction set that `run` names.
            Self::Avx512(proof) => unsafe { avx512::run(proof, work) },
        }
    }
}

/// What is done with text that is judged: compiled once for each way of judging, as a whole, so that
/// all of it may use the machine's instructions.
pub(super) trait Work {
    /// Does it.
    fn run(self, judge: impl Judge);
}

/// A way of judging.
pub(super) trait Judge: Copy {
    /// Judges a chunk: so many blocks from an offset of the text on, at the most [`CHUNK`]. Behind the
    /// text's end stand zeros.
    fn judge(self, blocks: Stretch<'_>, prints: &Fingerprints, sheet: &mut Sheet);

    /// Writes down the places of the bits of a block, in order, counted from a first one on. What stands
    /// behind them is of no meaning.
    #[inline]
    fn list(self, bits: u64, first: u16, places: &mut [u16; BLOCK]) {
        list(bits, first, places);
    }

    /// A bit for each block of a chunk that has any.
    #[inline]
    fn filled(self, blocks: &[u64; CHUNK]) -> u64 {
        let bits = blocks
            .iter()
            .zip(0..)
            .map(|(block, at)| u64::from(*block != 0) << at);
        bits.fold(0, |all, bit| all | bit)
    }
}

/// Room for the place of every byte of a chunk, and for what one step may write beyond.
pub(super) type Offsets = [u16; (CHUNK + 1) * BLOCK];

/// So many places are written at once, whether there are as many or not.
const STEP: usize = 4;

/// As [`Judge::list`].
#[inline]
fn list(mut bits: u64, first: u16, places: &mut [u16; BLOCK]) {
    let (steps, _) = places.as_chunks_mut::<STEP>();
    for step in steps {
        for place in step {
            #[expect(clippy::cast_possible_truncation, reason = "64 at the most")]
            let offset = first + bits.trailing_zeros() as u16;
            *place = offset;
            bits &= bits.wrapping_sub(1);
        }
        if bits == 0 {
            break;
        }
    }
}

/// Blocks of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch<'t> {
    pub(super) text: &'t [u8],
    /// The offset of the first.
    pub(super) from: usize,
    /// How many.
    pub(super) count: usize,
}

/// Judges blocks half by half.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each way of judging"
)]
fn by_halves(blocks: Stretch<'_>, sheet: &mut Sheet, half: impl Fn(&[u8], usize) -> Masks<u32>) {
    let mut halves = [Masks::default(); 2 * CHUNK];
    let places = (blocks.from..).step_by(HALF).take(2 * blocks.count);
    for (at, masks) in places.zip(&mut halves) {
        *masks = half(blocks.text, at);
    }
    let (pairs, _) = halves.as_chunks();
    for (number, [first, second]) in pairs.iter().enumerate().take(blocks.count) {
        sheet.put(number, &Masks::of(first, second));
    }
}

/// The bytes from an offset on, and zeros behind the text's end.
#[inline]
pub(super) fn look<const LENGTH: usize>(text: &[u8], at: usize) -> [u8; LENGTH] {
    let rest = text.get(at..).unwrap_or(&[]);
    if let Some(whole) = rest.first_chunk() {
        return *whole;
    }
    let mut padded = [0; LENGTH];
    if let Some(front) = padded.get_mut(..rest.len()) {
        front.copy_from_slice(rest);
    }
    padded
}
