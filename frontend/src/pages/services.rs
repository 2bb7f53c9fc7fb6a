//! The OpenID clients of the embedded provider, for administrators.

mod dialog;
mod labels;
mod register;

use leptos::prelude::*;
use shared::client::{Client, ClientWithSecret};

use self::dialog::{ClientAction, ClientDialog};
use self::register::RegisterClientForm;
use crate::api::administration;
use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::components::dialog::DialogButton;
use crate::components::done::Done;
use crate::components::placeholder::EmptyState;
use crate::components::secret_panel::{SecretPanel, ShownSecret};
use crate::context::AppContext;
use crate::loader::Loader;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

const TITLE: &str = "Services raccordés à la connexion";

/// Id of the title of the list, which takes the focus when a secret is copied.
const LIST_ID: &str = "liste";

#[component]
pub fn Services() -> impl IntoView {
    let context = AppContext::get();
    signed_in(move |user| {
        let is_embedded = context.session.read(|session| session.account_url.is_some()).unwrap_or_default();
        match (user.is_administrator(), is_embedded) {
            (true, true) => view! { <ClientsAdministration /> }.into_any(),
            (true, false) => refused(
                "La connexion se fait ailleurs",
                "DataPass utilise un autre fournisseur d’identité\u{a0}: c’est à lui que les services se raccordent.",
            ),
            (false, _) => refused(
                "Cette page est réservée aux administrateurs",
                "Pour raccorder un service, adressez-vous à un administrateur de la plateforme.",
            ),
        }
    })
}

fn refused(title: &'static str, text: &'static str) -> AnyView {
    view! {
        <PageTitle title=TITLE />
        <Alert tone=Tone::Info title>
            <p>{text}</p>
        </Alert>
    }
    .into_any()
}

#[component]
fn ClientsAdministration() -> impl IntoView {
    let loader = Loader::new(administration::clients);
    let done = Done::new();
    let secret = RwSignal::new(None::<ShownSecret>);
    let asked = RwSignal::new(None::<(Client, ClientAction)>);
    let on_removed = Callback::new(move |client: Client| {
        done.tell(client.id, format!("Service retiré\u{a0}: {}.", client.name));
        loader.reload();
    });
    let on_secret = Callback::new(move |made: ClientWithSecret| {
        done.forget();
        secret.set(Some(secret_of(made)));
        loader.reload();
    });
    view! {
        <PageTitle title=TITLE />
        <p class="fr-text--lead">
            "Un service raccordé, comme un gestionnaire d’API, connecte ses utilisateurs avec leur compte DataPass\u{a0}: un seul mot de passe pour les deux."
        </p>
        <p>
            <a class="fr-link" rel="external" href="/users/moderations">
                "Demandes de rattachement à une organisation"
            </a>
        </p>
        <SecretPanel shown=secret back=LIST_ID />
        <h2 class="fr-h4 fr-mt-4w" id=LIST_ID tabindex="-1">
            "Services raccordés"
        </h2>
        {loader.view(move |clients| list(clients, asked, done))}
        <RegisterClientForm on_secret />
        <ClientDialog asked on_secret on_removed />
    }
}

fn secret_of(made: ClientWithSecret) -> ShownSecret {
    ShownSecret {
        title: format!("Secret de «\u{a0}{}\u{a0}»", made.client.name),
        advice: "Il n’est affiché que cette fois. Donnez-le au service par un canal sûr\u{a0}: avec lui, on se fait passer pour le service.",
        fields: vec![
            ("secret-identifiant", "Identifiant (client_id)", made.client.id),
            ("secret-valeur", "Secret (client_secret)", made.secret),
        ],
    }
}

fn list(clients: Vec<Client>, asked: RwSignal<Option<(Client, ClientAction)>>, done: Done) -> AnyView {
    let gone = done.above(clients.iter().map(|client| client.id.as_str()));
    if clients.is_empty() {
        return view! {
            {gone}
            <EmptyState title="Aucun service n’est raccordé">
                <p>"Raccordez le premier ci-dessous."</p>
            </EmptyState>
        }
        .into_any();
    }
    let cards = clients.into_iter().map(|client| card(client, asked)).collect_view();
    view! {
        {gone}
        <ul class="dp-roles">{cards}</ul>
    }
    .into_any()
}

fn card(client: Client, asked: RwSignal<Option<(Client, ClientAction)>>) -> AnyView {
    let facts = [
        ("Identifiant", client.id.clone()),
        ("Adresses de retour", client.redirect_uris.join(", ")),
        ("Après la déconnexion", client.post_logout_redirect_uris.join(", ")),
        ("Ce qu’il apprend", labels::scopes(&client.scopes)),
        ("Secret", labels::auth_method(client.auth_method).to_owned()),
        ("Informations de la personne", labels::userinfo(client.userinfo).to_owned()),
        ("Raccordé le", date::date(client.created_at)),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| {
            view! {
                <div>
                    <dt>{label}</dt>
                    <dd class="dp-break">{value}</dd>
                </div>
            }
        })
        .collect_view();
    let buttons = [ClientAction::Rotate, ClientAction::Remove]
        .into_iter()
        .map(|action| {
            let own = client.clone();
            let about = format!(" – {}", client.name);
            let on_ask = move |()| asked.set(Some((own.clone(), action)));
            view! { <li><DialogButton label=action.label() about on_ask /></li> }
        })
        .collect_view();
    let previous = client.has_previous_secret.then(|| {
        view! { <p class="dp-detail">"Le secret précédent fonctionne encore, jusqu’au prochain renouvellement."</p> }
    });
    view! {
        <li class="dp-card fr-mb-2w">
            <h3 class="fr-h6 fr-mb-1w">{client.name}</h3>
            <dl class="dp-facts fr-text--sm fr-mb-1w">{facts}</dl>
            {previous}
            <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm fr-mt-2w">{buttons}</ul>
        </li>
    }
    .into_any()
}
