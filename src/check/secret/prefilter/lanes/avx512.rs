//! Judging with the vector instructions of AVX-512: a block at a time. Of every byte one look-up in a
//! table of all of ASCII tells its kinds, and one of its lower six bits the groups that may have it:
//! such a table is a register, and letters share their bits with signs and digits, which seldom stand
//! together as letters do.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi8, _mm512_add_epi16, _mm512_castsi512_si256, _mm512_cvtepu8_epi16,
    _mm512_extracti64x4_epi64, _mm512_loadu_si512, _mm512_maskz_compress_epi8,
    _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask, _mm512_permutexvar_epi8, _mm512_set1_epi8,
    _mm512_set1_epi16, _mm512_setzero_si512, _mm512_storeu_si512, _mm512_ternarylogic_epi64,
    _mm512_test_epi8_mask, _mm512_test_epi64_mask,
};

use super::{
    ASCII, BLOCK, CHUNK, Detected, Eight, Fingerprints, Judge, Masks, PRINT, SIX, Sheet, Stretch,
    Work, look,
};

/// A block, and what the fingerprints of its last bytes reach into.
const LOOK: usize = BLOCK + PRINT;

/// Whether this machine has what [`run`] needs.
pub(super) fn exists() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx512f")
        && has!("avx512bw")
        && has!("avx512vbmi")
        && has!("avx512vbmi2")
        && has!("bmi1")
        && has!("bmi2")
        && has!("lzcnt")
        && has!("popcnt")
}

/// As [`super::Lanes::run`].
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn run(proof: Detected, work: impl Work) {
    work.run(Avx512(proof));
}

/// This way, where it can be gone.
#[derive(Clone, Copy)]
struct Avx512(Detected);

#[expect(
    clippy::inline_always,
    reason = "they are parts of `run`, with whose instructions they are compiled"
)]
#[expect(
    unsafe_code,
    reason = "a method cannot say which instructions it needs"
)]
impl Judge for Avx512 {
    #[inline(always)]
    fn judge(self, blocks: Stretch<'_>, prints: &Fingerprints, sheet: &mut Sheet) {
        // SAFETY: `Detected` is the proof that this machine has the instructions.
        unsafe { judge(blocks, prints, sheet) }
    }

    #[inline(always)]
    fn list(self, bits: u64, first: u16, places: &mut [u16; BLOCK]) {
        // SAFETY: as above.
        unsafe { list(bits, first, places) }
    }

    #[inline(always)]
    fn filled(self, blocks: &[u64; CHUNK]) -> u64 {
        // SAFETY: as above.
        unsafe { filled(blocks) }
    }
}

/// The bits of a block that are set, moved together in front.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,popcnt")]
#[inline]
fn list(bits: u64, first: u16, places: &mut [u16; BLOCK]) {
    let front = _mm512_maskz_compress_epi8(bits, load::<0, BLOCK>(&NUMBERS));
    let first = _mm512_set1_epi16(first.cast_signed());
    let half = |half| _mm512_add_epi16(first, _mm512_cvtepu8_epi16(half));
    store::<0>(places, half(_mm512_castsi512_si256(front)));
    if bits.count_ones() as usize > BLOCK / 2 {
        store::<{ BLOCK / 2 }>(places, half(_mm512_extracti64x4_epi64::<1>(front)));
    }
}

/// As [`Judge::filled`].
#[target_feature(enable = "avx512f")]
#[inline]
fn filled(blocks: &[u64; CHUNK]) -> u64 {
    let (eights, _) = blocks.as_chunks::<8>();
    let mut all = 0;
    for (eight, at) in eights.iter().zip((0..u64::BITS).step_by(8)) {
        #[expect(
            unsafe_code,
            reason = "put together from numbers, they are moved one by one"
        )]
        // SAFETY: eight numbers are 64 bytes; the load asks for no alignment.
        let eight = unsafe { _mm512_loadu_si512(eight.as_ptr().cast()) };
        all |= u64::from(_mm512_test_epi64_mask(eight, eight)) << at;
    }
    all
}

/// 32 numbers to the places from one on.
#[target_feature(enable = "avx512f")]
#[inline]
fn store<const AT: usize>(room: &mut [u16; BLOCK], numbers: __m512i) {
    const { assert!(AT + BLOCK / 2 <= BLOCK) };
    #[expect(
        unsafe_code,
        reason = "taken apart into numbers, they are moved one by one"
    )]
    // SAFETY: 32 numbers from `AT` on lie within the array, as the assertion holds; the store asks
    // for no alignment.
    unsafe {
        _mm512_storeu_si512(room.as_mut_ptr().add(AT).cast(), numbers);
    }
}

/// Every place of a block.
static NUMBERS: [u8; BLOCK] = {
    let mut numbers = [0; BLOCK];
    let mut at = 0;
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "a constant is made before the program runs, and is less than 64"
    )]
    while at < BLOCK {
        numbers[at] = at as u8;
        at += 1;
    }
    numbers
};

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn judge(blocks: Stretch<'_>, prints: &Fingerprints, sheet: &mut Sheet) {
    let kinds = [load::<0, ASCII>(&KINDS), load::<BLOCK, ASCII>(&KINDS)];
    let [first, second, third] = &prints.eights;
    let eights = [eight(first), eight(second), eight(third)];
    for number in 0..blocks.count {
        let at = blocks.from + number * BLOCK;
        let masks = match blocks.text.get(at..).and_then(<[u8]>::first_chunk) {
            Some(whole) => block(whole, &kinds, &eights),
            None => block(&look(blocks.text, at), &kinds, &eights),
        };
        sheet.put(number, &masks);
    }
}

const ALNUM: u8 = 1;
const DIGIT: u8 = 1 << 1;
const CAPITAL: u8 = 1 << 2;
const WORD: u8 = 1 << 3;
// The highest are told by moving them up to the highest, where a bit can be read off.
const TOKEN: u8 = 1 << 4;
const WIDE: u8 = 1 << 5;
const DENSE: u8 = 1 << 6;
const SIGN: u8 = 1 << 7;

/// The kinds of every byte of ASCII.
static KINDS: [u8; ASCII] = {
    let mut table = [0; ASCII];
    let mut at = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    while at < ASCII {
        #[expect(clippy::cast_possible_truncation, reason = "less than 128")]
        let byte = at as u8;
        table[at] = match byte {
            b'0'..=b'9' => ALNUM | DIGIT | WORD | TOKEN | WIDE | DENSE,
            b'A'..=b'Z' => ALNUM | CAPITAL | WORD | TOKEN | WIDE | DENSE,
            b'a'..=b'z' => ALNUM | WORD | TOKEN | WIDE | DENSE,
            b'_' => WORD | TOKEN | WIDE | DENSE,
            b'-' => TOKEN | WIDE | DENSE,
            b'+' | b'/' => WIDE | DENSE,
            b'%' => DENSE | SIGN,
            b'.' | b'=' | b'~' | b':' | b'|' | b'!' => DENSE,
            b'\\' | b'&' => SIGN,
            _ => 0,
        };
        at += 1;
    }
    table
};

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn block(bytes: &[u8; LOOK], kinds: &[__m512i; 2], eights: &[[__m512i; PRINT]]) -> Masks {
    let texts = [
        load::<0, LOOK>(bytes),
        load::<1, LOOK>(bytes),
        load::<2, LOOK>(bytes),
        load::<3, LOOK>(bytes),
    ];
    let [here, ..] = texts;
    let ascii = !_mm512_movepi8_mask(here);
    let [low, high] = *kinds;
    let kinds = _mm512_maskz_permutex2var_epi8(ascii, low, here, high);
    let is = |kind: u8| _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(kind.cast_signed()));
    // Two ways, because a processor that is told one thing in both does it twice at a time.
    let dense = _mm512_add_epi8(kinds, kinds);
    let wide = _mm512_add_epi8(dense, dense);
    let token = _mm512_add_epi8(wide, wide);
    let mut groups = _mm512_setzero_si512();
    for [a, b, c, d] in eights {
        let [first, second, third, fourth] = texts;
        let three = and3(has(first, a), has(second, b), has(third, c));
        groups = or_and(groups, three, has(fourth, d));
    }
    Masks {
        alnum: is(ALNUM),
        digit: is(DIGIT),
        capital: is(CAPITAL),
        word: is(WORD),
        token: _mm512_movepi8_mask(token),
        wide: _mm512_movepi8_mask(wide),
        dense: _mm512_movepi8_mask(dense),
        sign: _mm512_movepi8_mask(kinds),
        marks: _mm512_test_epi8_mask(groups, groups),
    }
}

/// The groups that have a byte with these lower six bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn has(bytes: __m512i, table: &__m512i) -> __m512i {
    _mm512_permutexvar_epi8(bytes, *table)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn and3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi64::<0x80>(a, b, c)
}

/// `a`, and what `b` and `c` have in common.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn or_and(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi64::<0xF8>(a, b, c)
}

/// The 64 bytes from an offset on.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn load<const AT: usize, const LENGTH: usize>(bytes: &[u8; LENGTH]) -> __m512i {
    const { assert!(AT + BLOCK <= LENGTH) };
    #[expect(
        unsafe_code,
        reason = "put together from numbers, the bytes are moved one by one: many times the time"
    )]
    // SAFETY: 64 bytes from `AT` on lie within the array, as the assertion holds; the load asks for
    // no alignment.
    unsafe {
        _mm512_loadu_si512(bytes.as_ptr().add(AT).cast())
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn eight(eight: &Eight) -> [__m512i; PRINT] {
    let [first, second, third, fourth] = &eight.six;
    [
        load::<0, SIX>(first),
        load::<0, SIX>(second),
        load::<0, SIX>(third),
        load::<0, SIX>(fourth),
    ]
}
