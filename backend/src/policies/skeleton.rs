//! The file that `datapass policies new` writes: a policy that passes the check, and says what to put in it.

use anyhow::Context as _;

const TEMPLATE: &str = include_str!("../../templates/policy.toml");

/// What only stands there to be replaced, in that file and in examples: a text that still contains one is told.
pub const PLACEHOLDERS: [&str; 5] = ["à nommer", "Décrivez ici", "Dites ici", "exemple.gouv.fr", "exemple.fr"];

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

    #[test]
    fn what_is_left_of_the_skeleton_is_told_where_it_stands() {
        let mut sources = Sources::embedded().unwrap();
        sources.insert("api_neuve.toml".to_owned(), "api_neuve.toml".to_owned(), of("api_neuve").unwrap());
        let told = &check::read_all(&sources).warnings["api_neuve"];
        let lines: Vec<&str> = told.iter().map(|one| of_line(one.line)).collect();
        for (start, count) in [("label = ", 2), ("description = ", 1), ("    \"Dites ici", 1), ("support_email = ", 1)]
        {
            assert_eq!(lines.iter().filter(|line| line.starts_with(start)).count(), count, "{start} {told:?}");
        }
        assert!(lines.iter().any(|line| line.starts_with("sections = ")), "its terms of use have no address: {told:?}");
        assert_eq!(lines.len(), 6, "{told:?}");
    }

    fn of_line(number: usize) -> &'static str {
        TEMPLATE.lines().nth(number - 1).unwrap()
    }
}
