//! Values that standards and manuals print, to be copied: nobody's secret, however random.

/// Each as it is printed, without the name that is beside it there.
const KNOWN: &[&str] = &[
    // RFC 5849, sections 1.2 and 3.1 (OAuth 1.0), and the core specification before it.
    "hh5s93j4hdidpola",
    "hdhd0244k9j7ao03",
    "nnch734d00sl2jdk",
    "pfkkdhi9sl3r4s00",
    "kd94hf93k423kf44",
    "j49sk3j29djd",
    "dh893hdasih9",
    // RFC 6749 (OAuth 2.0): the client's secret, tokens and the owner's password.
    "gX1fBat3bV",
    "7Fjfp0ZBr1KtDRbnfVdmIw",
    "2YotnFZFEjr1zCsicMWpAA",
    "tGzv3JOkF0XG5Qx2TlKWIA",
    "SplxlOBeZQQYbYS6WxSbIA",
    "A3ddj3w",
    // RFC 6750 (bearer tokens) and RFC 7009 (revocation).
    "mF_9.B5f-4.1JqM",
    "45ghiukldjahdnhzdauz",
    // RFC 7628 (SASL), as mail servers test it.
    "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
    "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==",
    // RFC 6238 in base32, and the seed of the manuals of Google Authenticator.
    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "JBSWY3DPEHPK3PXP",
    "HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ",
    // Microsoft's emulators of Azure Storage and Cosmos DB: fixed, and of the own machine.
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
    // The public tokens of the assemblies of .NET (ECMA-335 names the first).
    "b77a5c561934e089",
    "b03f5f7f11d50a3a",
    "31bf3856ad364e35",
    "89845dcd8080cc91",
    // The password that the manual of bcrypt for JavaScript hashes.
    r"B4c0/\/",
    "B4c0//",
    // The hash of the word "password" in Apache's sample of a configuration.
    "xxj31ZMTZzkVA",
    // Google's reCAPTCHA: the key of which every answer is right.
    "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe",
    // Manuals: Twitter's on signing, Datadog's, Hetzner Cloud's, Elasticsearch's, Pushover's.
    "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    "9775a026f1ca7d1c6c5af9d94d9595a4",
    "87ce4a24b5553d2e482ea8a8500e71b8ad4554ff",
    "LRK9DAWQ1ZAEFSrCNEEzLCUwhYX1U3g7wMg4dTlkkDC96fyDuyJ39nVbVjCKSDfj",
    "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==",
    "azGDORePK8gMaC0QOYAMyEEuzJnyUi",
    // Google Compute Engine's manual, on disks that are encrypted with keys of one's own.
    "acXTX3rxrKAFTF0tYVLvydU1riRZTvUNC4g5I11NY-c=",
];

/// Whether a standard or a manual prints this very value.
pub(super) fn is_known(value: &str) -> bool {
    KNOWN.contains(&value)
}
