//! The file that `datapass policies new` writes: a policy that passes the check, and says what to put in it.

use anyhow::Context as _;

const TEMPLATE: &str = include_str!("../../templates/policy.toml");

/// Writes `SLUG.toml` in the current directory, and says what to do with it.
///
/// # Errors
/// The slug cannot be one; the file exists, or cannot be written.
pub fn write(slug: &str) -> anyhow::Result<String> {
    use std::io::Write as _;

    let text = of(slug)?;
    let path = format!("{slug}.toml");
    let file = std::fs::File::create_new(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("{path} ne peut être écrit"))?;
    Ok(format!("{path} est écrit. Complétez-le, puis\u{a0}: datapass policies check {path}"))
}

/// The text of a first policy of that slug.
///
/// # Errors
/// The slug cannot be one.
pub fn of(slug: &str) -> anyhow::Result<String> {
    anyhow::ensure!(
        super::check::is_slug(slug),
        "«\u{a0}{slug}\u{a0}» ne peut pas être un identifiant\u{a0}: lettres minuscules sans accent, chiffres et «\u{a0}_\u{a0}» seulement"
    );
    Ok(TEMPLATE.replace("{{slug}}", slug))
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::source::Sources;
    use super::*;

    #[test]
    fn the_skeleton_passes_the_check() {
        let mut sources = Sources::embedded().unwrap();
        sources.insert("api_neuve.toml".to_owned(), "api_neuve.toml".to_owned(), of("api_neuve").unwrap());
        let catalogue = check::read(&sources).unwrap();
        assert_eq!(catalogue.get("api_neuve").map(|policy| policy.scopes.len()), Some(2));
        assert!(of("API neuve").is_err());
    }
}
