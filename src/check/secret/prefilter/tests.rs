use super::Hit;
use super::literals::group;
use super::windows::Windows;

fn hits(literals: &[(usize, &[u8])], text: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut seen = Vec::new();
    let mut found = |rules: &[usize], hit: Hit| {
        seen.extend(rules.iter().map(|rule| (*rule, hit.start, hit.end)));
    };
    let literals = group(literals.iter().copied());
    Windows::new(literals).each(text, 0..text.len(), &mut found);
    seen.sort_unstable();
    seen
}

#[test]
fn every_rule_of_every_literal_is_told_in_any_case() {
    let literals = [
        (0, &b"pass"[..]),
        (1, b"password"),
        (2, b"pass"),
        (2, b"PASS"),
    ];
    assert_eq!(
        hits(&literals, b"a PassWord b"),
        [(0, 2, 6), (1, 2, 10), (2, 2, 6)]
    );
}

/// Against a search that looks at every place for every literal.
#[test]
fn what_is_found_is_what_is_there() {
    let literals: [(usize, &[u8]); 9] = [
        (0, b"abc"),
        (1, b"://"),
        (2, b"abca"),
        (3, b"bcab"),
        (4, b"abcab"),
        (5, b"cabcabca"),
        (6, b"\xc3\xa4b"),
        (7, b"_-_-_"),
        (
            8,
            b"abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc",
        ),
    ];
    let mut seed = 3_u64;
    for length in 0..300 {
        let text: Vec<u8> = (0..length)
            .flat_map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let parts: [&[u8]; 12] = [
                    b"abc",
                    b"ABC",
                    b"ab",
                    b"c",
                    b"://",
                    b"_-",
                    b"-_",
                    b"\xc3\xa4",
                    b"@",
                    b"`",
                    b"x",
                    b" ",
                ];
                parts[(seed >> 33) as usize % parts.len()].to_vec()
            })
            .collect();
        let mut expected = Vec::new();
        for (rule, literal) in &literals {
            for start in 0..text.len() {
                let here = text.get(start..start + literal.len());
                if here.is_some_and(|here| here.eq_ignore_ascii_case(literal)) {
                    expected.push((*rule, start, start + literal.len()));
                }
            }
        }
        expected.sort_unstable();
        assert_eq!(hits(&literals, &text), expected, "{}", text.escape_ascii());
    }
}
