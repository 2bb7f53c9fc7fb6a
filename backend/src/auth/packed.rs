//! ID tokens as sessions keep them, for signing out at the provider: a quarter shorter than they were sent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What begins a token that was taken apart. A text never begins so: every JWT begins with `e`.
const PACKED: u8 = 1;

/// A JWT without its base64: the lengths of header and claims, two bytes each, then the three parts. What is no JWT stays as
/// it is.
pub fn pack(token: &str) -> Vec<u8> {
    parts(token).unwrap_or_else(|| token.as_bytes().to_vec())
}

fn parts(token: &str) -> Option<Vec<u8>> {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let (header, claims, signature) = (parts.next()??, parts.next()??, parts.next()??);
    let mut packed = vec![PACKED];
    packed.extend(u16::try_from(header.len()).ok()?.to_be_bytes());
    packed.extend(u16::try_from(claims.len()).ok()?.to_be_bytes());
    packed.extend([header, claims, signature].concat());
    // Only what comes back as it was.
    (unpack(&packed)? == token).then_some(packed)
}

/// The token as it was sent; `None` where there was none, or nobody can read it.
pub fn unpack(packed: &[u8]) -> Option<String> {
    let Some((&PACKED, rest)) = packed.split_first() else {
        return String::from_utf8(packed.to_vec()).ok().filter(|text| !text.is_empty());
    };
    let (header_length, rest) = rest.split_first_chunk()?;
    let (claims_length, rest) = rest.split_first_chunk()?;
    let (header, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*header_length)))?;
    let (claims, signature) = rest.split_at_checked(usize::from(u16::from_be_bytes(*claims_length)))?;
    Some([header, claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_quarter_shorter_and_comes_back_as_it_was() {
        let part = |length: usize| URL_SAFE_NO_PAD.encode(vec![b'x'; length]);
        let token = [part(60), part(270), part(256)].join(".");
        let packed = pack(&token);
        assert_eq!(packed.len(), 5 + 60 + 270 + 256);
        assert_eq!(unpack(&packed).as_deref(), Some(token.as_str()));
    }

    #[test]
    fn what_is_no_token_stays_as_it_is() {
        for text in ["token", "eyJh.eyJz.c2ln=", "eyJh.eyJz.c2ln.ZXh0", "é.è.à"] {
            assert_eq!(unpack(&pack(text)).as_deref(), Some(text));
        }
        assert_eq!(unpack(&pack("")), None);
        assert_eq!(unpack(&[PACKED, 0, 9, 0, 9, 1]), None);
    }
}
