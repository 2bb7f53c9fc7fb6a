//! The header, the menu, the footer and the addresses of pages, said once for the pages that the server draws and for the
//! application.

use std::borrow::Cow;

use crate::api::Session;
use crate::organization::Organization;
use crate::user::{Role, User};

/// What the service is, under its name in the header.
pub const TAGLINE: &str = "Les habilitations à utiliser les données de l’État";

/// What the service does, in the footer.
pub const DESCRIPTION: &str =
    "DataPass délivre les habilitations juridiques à utiliser les données à accès restreint de l’administration.";

/// A link of the menu or of the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// A path of ours.
    pub href: &'static str,
    /// What it says.
    pub label: Cow<'static, str>,
}

impl Link {
    const fn new(href: &'static str, label: &'static str) -> Self {
        Self { href, label: Cow::Borrowed(label) }
    }
}

/// The links of the footer, on every page.
pub const FOOTER: [Link; 8] = [
    Link::new("/accessibilite", "Accessibilité\u{a0}: non conforme"),
    Link::new("/mentions-legales", "Mentions légales"),
    Link::new("/public", "Habilitations délivrées"),
    Link::new("/stats", "Statistiques"),
    Link::new("/faq", "Aide"),
    Link::new("/api/docs/", "Documentation de l’API"),
    Link::new("/raccordement", "Raccorder un service"),
    Link::new("/tutoriels", "Tutoriels"),
];

/// The links of the main menu: what this user, or a visitor, can go to.
pub fn menu(session: Option<&Session>) -> Vec<Link> {
    let link = Link::new;
    let user = session.and_then(|session| session.user.as_ref());
    let mut links = match user {
        None => vec![link("/", "Accueil")],
        Some(user) if (user.is_manager() || user.is_developer()) && !user.reads_requests() => {
            vec![link("/mes-demandes", "Mes demandes")]
        }
        Some(user) if user.is_administrator() => vec![
            link("/administration", "À traiter"),
            link("/instruction", "Demandes à instruire"),
            link("/mes-demandes", "Mes demandes"),
        ],
        Some(user) if user.has_role() => {
            vec![link("/instruction", "Demandes à instruire"), link("/mes-demandes", "Mes demandes")]
        }
        Some(_) => vec![link("/", "Mes demandes")],
    };
    links.push(link("/nouvelle-demande", if user.is_some() { "Nouvelle demande" } else { "Les API" }));
    links.push(link("/public", "Habilitations délivrées"));
    if user.is_some_and(|user| user.roles.iter().any(|role| matches!(role, Role::Instructor { .. }))) {
        links.push(link("/modeles-de-decision", "Modèles de décision"));
    }
    if user.is_none_or(|user| !user.has_role()) {
        links.push(link("/stats", "Statistiques"));
        links.push(link("/faq", "Aide"));
    }
    if user.is_some_and(|user| user.is_administrator() || user.is_manager()) {
        links.push(link("/personnes", "Personnes et rôles"));
    }
    if user.is_some_and(User::is_developer) {
        links.push(link("/developpeurs", "Espace développeur"));
    }
    if user.is_some_and(User::is_administrator) {
        if let Some(session) = session.filter(|session| session.account_url.is_some()) {
            links.push(memberships(session.awaited_memberships));
            links.push(link("/services", "Services raccordés"));
        }
        links.push(link("/politiques", "Politiques"));
        links.push(link("/modeles-de-messages", "Modèles de messages"));
        links.push(link("/journal", "Journal"));
        links.push(link("/envois", "Envois et accès"));
    }
    if user.is_some() && session.is_some_and(|session| session.mailbox) {
        links.push(link("/mailbox", "Courriels envoyés"));
    }
    links
}

/// The page where administrators decide who speaks for an organisation, and how many people wait for it.
fn memberships(awaited: i64) -> Link {
    let label = if awaited == 0 { "Rattachements".into() } else { format!("Rattachements ({awaited})").into() };
    Link { href: "/users/moderations", label }
}

/// What stands above every page of somebody who waits to speak for organisations: title and text. `None` where they wait for
/// none.
pub fn awaited_membership(user: &User) -> Option<(String, &'static str)> {
    let name = |one: &Organization| if one.label.is_empty() { one.siret.to_string() } else { one.label.clone() };
    let names: Vec<String> = user.awaited_organizations().map(name).collect();
    (!names.is_empty()).then(|| {
        let title =
            format!("Votre rattachement à {} est en cours de vérification, sous deux jours ouvrés.", names.join(", "));
        (title, "Vous pouvez préparer une demande dès maintenant\u{a0}: vous la soumettrez une fois le rattachement confirmé.")
    })
}

/// The first page of somebody who is signed in.
pub fn first_page(user: &User) -> &'static str {
    if !user.has_role() {
        return "/";
    }
    if user.is_administrator() {
        return "/administration";
    }
    match user.reads_requests() {
        false if user.is_manager() => "/personnes",
        false if user.is_developer() => "/developpeurs",
        _ => "/instruction",
    }
}

/// Whether a link of the menu leads to the page at that path, or to the list that it belongs to.
pub fn is_current(path: &str, href: &str) -> bool {
    path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

/// The pages that the server draws, besides those of the APIs and of the identity provider. `/` is one for visitors alone.
pub const PUBLIC_PAGES: [&str; 10] = [
    "/nouvelle-demande",
    "/public",
    "/public/:number",
    "/stats",
    "/stats/:target_api",
    "/faq",
    "/accessibilite",
    "/mentions-legales",
    "/raccordement",
    "/tutoriels",
];

/// The pages of the application: its route table, which a test compares with this.
pub const APPLICATION_PAGES: [&str; 25] = [
    "/",
    "/mes-demandes",
    "/nouvelle-demande/:target_api",
    "/demandes/:id",
    "/demandes/:id/modifier",
    "/demandes/:id/corriger",
    "/demandes/:id/comparer",
    "/demandes/:id/transfert",
    "/organisations/:siret/demandes",
    "/instruction",
    "/mon-compte",
    "/administration",
    "/personnes",
    "/developpeurs",
    "/developpeurs/:id",
    "/services",
    "/journal",
    "/modeles-de-messages",
    "/modeles-de-decision",
    "/politiques",
    "/politiques/:target_api",
    "/envois",
    "/compte-suspendu",
    "/reconnexion",
    "/mailbox",
];

/// The parts in which the application is loaded, as `frontend/src/parts.rs` names them, with their pages. `/` is the list
/// of somebody's own requests, unless a role leads them elsewhere.
pub const PARTS: [(&str, &[&str]); 11] = [
    ("own", &["/", "/mes-demandes"]),
    ("form", &["/demandes/:id/modifier"]),
    ("beside", &["/nouvelle-demande/:target_api", "/demandes/:id/corriger"]),
    ("request", &["/demandes/:id"]),
    ("record", &["/demandes/:id/comparer", "/demandes/:id/transfert", "/organisations/:siret/demandes"]),
    ("instruction", &["/instruction"]),
    ("administration", &["/administration", "/personnes", "/services", "/journal", "/envois", "/mailbox"]),
    ("apis", &["/politiques", "/politiques/:target_api", "/modeles-de-messages", "/modeles-de-decision"]),
    ("account", &["/mon-compte"]),
    ("developers", &["/developpeurs", "/developpeurs/:id"]),
    ("seldom", &["/compte-suspendu", "/reconnexion"]),
];

/// The part that the page at a path needs.
pub fn part_of(path: &str) -> Option<&'static str> {
    PARTS.iter().find(|(_, pages)| is_among(path, pages)).map(|(part, _)| *part)
}

/// Whether a path is one of those addresses, of which a segment such as `:id` stands for any text.
pub fn is_among(path: &str, addresses: &[&str]) -> bool {
    let is_it = |address: &str| {
        let mut segments = path.split('/');
        let all = address.split('/').all(|segment| {
            segments.next().is_some_and(|own| if segment.starts_with(':') { !own.is_empty() } else { own == segment })
        });
        all && segments.next().is_none()
    };
    addresses.iter().any(|address| is_it(address))
}

/// Whether the server draws the page of a link: the application leaves for it, instead of showing one of its own pages.
pub fn is_drawn_by_server(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    !is_among(path, &APPLICATION_PAGES)
}

/// First parts of addresses that no other list here tells: those of the API, of the identity provider, of files, and of the
/// earlier DataPass.
const OTHER_ROOTS: [&str; 17] = [
    "admin",
    "api",
    "assets",
    "authorization-request",
    "connexion",
    "copy-authorization-request",
    "courriels",
    "data-providers",
    "feed",
    "habilitations",
    "mon-compte",
    "oauth",
    "reopen-enrollment-request",
    "robots.txt",
    "sitemap.xml",
    "users",
    ".well-known",
];

/// Whether that slug would be the address of a page: no API can have it, since its page stands at `/{slug}`. Dashes stand
/// for underscores in these addresses.
pub fn is_page_address(slug: &str) -> bool {
    let roots = PUBLIC_PAGES.iter().chain(&APPLICATION_PAGES).filter_map(|page| page.split('/').nth(1));
    roots.chain(OTHER_ROOTS).any(|root| root.replace('-', "_") == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lights_its_own_link_only() {
        assert!(is_current("/", "/"));
        assert!(!is_current("/instruction", "/"));
        assert!(is_current("/nouvelle-demande/franceconnect", "/nouvelle-demande"));
        assert!(!is_current("/instructions", "/instruction"));
    }

    #[test]
    fn an_address_is_matched_segment_by_segment() {
        for page in ["/", "/demandes/12", "/demandes/12/modifier", "/mon-compte"] {
            assert!(is_among(page, &APPLICATION_PAGES), "{page}");
        }
        for none in ["", "/demandes", "/demandes/", "/demandes/12/autre", "/demandes/12/modifier/", "/inconnue"] {
            assert!(!is_among(none, &APPLICATION_PAGES), "{none}");
        }
        assert!(is_drawn_by_server("/public?annee=2026") && is_drawn_by_server("/api/docs/"));
        assert!(is_drawn_by_server("/api_particulier") && !is_drawn_by_server("/demandes/4#messages"));
    }

    #[test]
    fn no_api_can_have_the_address_of_a_page() {
        for taken in ["public", "stats", "mon_compte", "nouvelle_demande", "admin", "data_providers", "api"] {
            assert!(is_page_address(taken), "{taken}");
        }
        assert!(!is_page_address("api_particulier"));
    }

    #[test]
    fn every_link_of_the_menu_and_of_the_footer_leads_to_a_page() {
        let everywhere = [PUBLIC_PAGES.as_slice(), &APPLICATION_PAGES, &["/api/docs/"]].concat();
        for link in menu(None).iter().chain(&FOOTER) {
            assert!(is_among(link.href, &everywhere), "{}", link.href);
        }
    }
}
