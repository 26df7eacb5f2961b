//! Flags that a loop of compares makes, as bits. Compilers turn such a loop into vector instructions,
//! but not what gathers its outcome.

/// Eight flags of zero or one as the bits of a byte, the first as the lowest: by one multiplication.
#[inline]
#[must_use]
pub const fn gathered(eight: [u8; 8]) -> u8 {
    // The flag of byte n goes to bit 56 + n.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let [.., bits] = u64::from_le_bytes(eight).wrapping_mul(GATHER).to_le_bytes();
    bits
}

#[cfg(test)]
mod tests {
    use super::gathered;

    #[test]
    fn each_flag_is_a_bit() {
        for bits in 0..=u8::MAX {
            let flags = std::array::from_fn(|at| bits >> at & 1);
            assert_eq!(gathered(flags), bits);
        }
    }
}
