//! Judging with the vector instructions of AVX2: half a block at a time.

use std::arch::x86_64::{
    __m256i, _mm_set_epi64x, _mm256_add_epi8, _mm256_and_si256, _mm256_andnot_si256,
    _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_srli_epi16,
};

use super::{
    Detected, EIGHTS, Fingerprints, HALF, Judge, Masks, PRINT, Sheet, Stretch, Work, by_halves,
    look,
};

/// Half a block, and what the fingerprints of its last bytes reach into.
const LOOK: usize = HALF + PRINT;

/// Whether this machine has what [`run`] needs.
pub(super) fn exists() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx2") && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("popcnt")
}

/// As [`super::Lanes::run`].
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn run(proof: Detected, work: impl Work) {
    work.run(Avx2(proof));
}

/// This way, where it can be gone.
#[derive(Clone, Copy)]
struct Avx2(Detected);

impl Judge for Avx2 {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is part of `run`, with whose instructions it is compiled"
    )]
    fn judge(self, blocks: Stretch<'_>, prints: &Fingerprints, sheet: &mut Sheet) {
        #[expect(
            unsafe_code,
            reason = "a method cannot say which instructions it needs"
        )]
        // SAFETY: `Detected` is the proof that this machine has the instructions.
        unsafe {
            judge(blocks, prints, sheet);
        }
    }
}

#[target_feature(enable = "avx2")]
fn judge(blocks: Stretch<'_>, prints: &Fingerprints, sheet: &mut Sheet) {
    let tables = prints.eights.each_ref().map(|eight| Tables {
        low: eight.low.map(|table| twice(&table)),
        high: eight.high.map(|table| twice(&table)),
    });
    by_halves(blocks, sheet, |text, at| {
        match text.get(at..).and_then(<[u8]>::first_chunk) {
            Some(whole) => half(whole, &tables),
            None => half(&look(text, at), &tables),
        }
    });
}

/// Of each of the four bytes: what its lower and what its upper half tells.
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
    let sign = any(is(b'\\'), any(is(b'%'), is(b'&')));
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
        sign: mask(sign),
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
