//! Judging with the vector instructions of AVX-512: a block at a time, and of every byte one look-up
//! in a table of all of ASCII tells its kinds.

use std::arch::x86_64::{
    __m512i, _mm512_loadu_si512, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask,
    _mm512_permutex2var_epi8, _mm512_set1_epi8, _mm512_setzero_si512, _mm512_ternarylogic_epi64,
    _mm512_test_epi8_mask,
};

use super::{ASCII, BLOCK, Eight, Fingerprints, Masks, PRINT, Sheet, Stretch, Work, look};

/// A block, and what the fingerprints of its last bytes reach into.
const LOOK: usize = BLOCK + PRINT;

/// Whether this machine has what [`run`] needs.
pub(super) fn exists() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx512f")
        && has!("avx512bw")
        && has!("avx512vbmi")
        && has!("bmi1")
        && has!("bmi2")
        && has!("lzcnt")
        && has!("popcnt")
}

/// As [`super::Lanes::run`].
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn run(work: impl Work) {
    work.run(
        |blocks: Stretch<'_>, prints: &Fingerprints, sheet: &mut Sheet| {
            judge(blocks, prints, sheet);
        },
    );
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn judge(blocks: Stretch<'_>, prints: &Fingerprints, sheet: &mut Sheet) {
    let kinds = table(&KINDS);
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

/// What each byte of ASCII tells, in two registers.
type Table = [__m512i; 2];

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn block(bytes: &[u8; LOOK], kinds: &Table, eights: &[[Table; PRINT]]) -> Masks {
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
        token: is(TOKEN),
        wide: is(WIDE),
        dense: is(DENSE),
        sign: is(SIGN),
        marks: _mm512_test_epi8_mask(groups, groups),
    }
}

/// The groups that have a byte. (Of one that is not of ASCII the lower bits are looked up.)
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn has(bytes: __m512i, [low, high]: &Table) -> __m512i {
    _mm512_permutex2var_epi8(*low, bytes, *high)
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
fn table(bytes: &[u8; ASCII]) -> Table {
    [load::<0, ASCII>(bytes), load::<BLOCK, ASCII>(bytes)]
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn eight(eight: &Eight) -> [Table; PRINT] {
    let [first, second, third, fourth] = &eight.bytes;
    [table(first), table(second), table(third), table(fourth)]
}
