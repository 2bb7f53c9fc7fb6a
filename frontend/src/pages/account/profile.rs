//! Who one is: personal information, organisations, password, and the deletion of one's account. All are changed on the pages of
//! the identity provider.

use leptos::prelude::*;
use shared::organization::{MembershipSource, Organization};
use shared::user::User;

use crate::components::siret::{grouped, name_of};

pub const INFORMATION: &str = "informations";
pub const ORGANIZATIONS: &str = "organisations";
pub const PASSWORD: &str = "mot-de-passe";
pub const DELETION: &str = "suppression";

/// Said where another identity provider than the embedded one knows somebody.
const ELSEWHERE: &str = "Ces informations viennent du service avec lequel vous vous connectez\u{a0}: c’est là qu’elles se modifient. Reconnectez-vous ensuite à DataPass pour qu’il les reprenne.";

/// Name, address, telephone, position.
pub fn information(user: &User, is_embedded: bool) -> AnyView {
    let fact = |label: &'static str, value: &str| {
        let value = if value.is_empty() { "Non renseigné" } else { value }.to_owned();
        view! {
            <div>
                <dt>{label}</dt>
                <dd class="dp-break">{value}</dd>
            </div>
        }
    };
    let change = if is_embedded {
        view! {
            <ul class="fr-links-group">
                <li>{link("/users/personal-information", "Modifier mes informations personnelles")}</li>
                <li>{link("/users/change-email", "Changer d’adresse électronique")}</li>
            </ul>
        }
        .into_any()
    } else {
        view! { <p>{ELSEWHERE}</p> }.into_any()
    };
    let name = format!("{} {}", user.given_name, user.family_name);
    let email = if user.email_verified { user.email.clone() } else { format!("{} (non vérifiée)", user.email) };
    view! {
        <section aria-labelledby=INFORMATION>
            {title(INFORMATION, "Mes informations personnelles")}
            <dl class="dp-facts">
                {fact("Nom", name.trim())} {fact("Adresse électronique", &email)} {fact("Fonction", &user.job)}
                {fact("Téléphone", &user.phone_number)}
            </dl>
            {change}
        </section>
    }
    .into_any()
}

/// For whom one speaks.
pub fn organizations(user: &User, is_embedded: bool) -> AnyView {
    let list = if user.organizations.is_empty() {
        view! { <p>"Vous n’êtes rattaché à aucune organisation."</p> }.into_any()
    } else {
        view! { <ul>{user.organizations.iter().map(organization).collect_view()}</ul> }.into_any()
    };
    let change = if is_embedded {
        link("/users/organizations", "Rejoindre ou quitter une organisation")
    } else {
        view! { <p>{ELSEWHERE}</p> }.into_any()
    };
    view! {
        <section aria-labelledby=ORGANIZATIONS>
            {title(ORGANIZATIONS, "Mes organisations")} {list} {change}
        </section>
    }
    .into_any()
}

fn organization(one: &Organization) -> AnyView {
    let source = match one.source {
        MembershipSource::Pending => "rattachement en cours de vérification".to_owned(),
        source => format!("rattachement vérifié {}", source.label()),
    };
    view! {
        <li>
            {name_of(one)}
            <span class="fr-hint-text">{format!("SIRET {}\u{a0}; {source}", grouped(one.siret.as_str()))}</span>
        </li>
    }
    .into_any()
}

/// What one signs in with.
pub fn password() -> AnyView {
    view! {
        <section aria-labelledby=PASSWORD>
            {title(PASSWORD, "Mot de passe")} {link("/users/password", "Changer de mot de passe")}
        </section>
    }
    .into_any()
}

/// The end of the account.
pub fn deletion() -> AnyView {
    view! {
        <section aria-labelledby=DELETION>
            {title(DELETION, "Supprimer mon compte")}
            {link("/users/account/delete", "Voir ce que cela entraîne, et supprimer mon compte")}
        </section>
    }
    .into_any()
}

/// The title of a part of the page.
pub fn title(id: &'static str, text: &'static str) -> AnyView {
    view! {
        <h2 class="fr-h4 fr-mt-6w" id=id tabindex="-1">
            {text}
        </h2>
    }
    .into_any()
}

/// A link to a page of the identity provider.
pub fn link(href: &'static str, text: &'static str) -> AnyView {
    view! {
        <a class="fr-link" rel="external" href=href>
            {text}
        </a>
    }
    .into_any()
}
