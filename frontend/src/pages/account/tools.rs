//! The API clients of the user: listed, rotated, removed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::access::{ApiClient, ApiClientWithSecret, ApiScope};

use super::connect::ConnectToolForm;
use super::identity::leave_to_confirm;
use crate::api::account;
use crate::browser;
use crate::components::date;
use crate::components::dialog::{ConfirmDialog, DialogButton};
use crate::components::placeholder::EmptyState;
use crate::components::secret_panel::{SecretPanel, ShownSecret};
use crate::loader::Loader;

/// Where the focus goes once a line has changed.
pub const TITLE: &str = "mes-outils";

/// Where the number of the tool is kept whose secret is to be renewed, while one shows who one is.
const RENEWED: &str = "datapass.outil-a-renouveler";

/// What is done with a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToolAction {
    Renew,
    Forget,
    Disconnect,
}

impl ToolAction {
    const fn label(self) -> &'static str {
        match self {
            Self::Renew => "Renouveler le secret",
            Self::Forget => "Retirer l’ancien secret",
            Self::Disconnect => "Déconnecter",
        }
    }

    const fn question(self) -> &'static str {
        match self {
            Self::Renew => "Renouveler le secret de cet outil\u{a0}?",
            Self::Forget => "Retirer l’ancien secret de cet outil\u{a0}?",
            Self::Disconnect => "Déconnecter cet outil\u{a0}?",
        }
    }

    const fn explanation(self) -> &'static str {
        match self {
            Self::Renew => {
                "Un nouveau secret sera montré, une seule fois. L’actuel fonctionnera encore, jusqu’à ce que vous le retiriez\u{a0}: l’outil n’est pas interrompu. Un secret plus ancien, s’il y en a un, cesse de fonctionner. Si vous vous êtes connecté il y a plus de dix minutes, votre mot de passe vous sera d’abord demandé."
            }
            Self::Forget => {
                "Seul le dernier secret fonctionnera. Vérifiez que l’outil l’utilise déjà, sinon il n’obtiendra plus de jeton."
            }
            Self::Disconnect => {
                "L’outil n’a plus accès à rien, aussitôt et pour toujours. Pour le reconnecter, il faudra l’ajouter de nouveau."
            }
        }
    }
}

type Asked = Option<(ApiClient, ToolAction)>;

#[component]
pub fn Tools() -> impl IntoView {
    let loader = Loader::new(account::tools);
    let done = RwSignal::new(String::new());
    let shown = RwSignal::new(None::<ShownSecret>);
    let open = RwSignal::new(false);
    let asked = RwSignal::new(None::<(ApiClient, ToolAction)>);
    let on_secret = Callback::new(move |made: ApiClientWithSecret| {
        done.set(String::new());
        shown.set(Some(secret_of(made)));
        loader.reload();
    });
    let on_confirm = Callback::new(move |()| {
        let Some((tool, action)) = asked.get_untracked() else { return };
        spawn_local(async move {
            let left = match action {
                ToolAction::Renew => match account::new_secret(&tool.id).await {
                    Ok(made) => {
                        on_secret.run(made);
                        return;
                    }
                    Err(error) if leave_to_confirm(&error, RENEWED, &tool.id) => return,
                    Err(error) => Err(error),
                },
                ToolAction::Forget => {
                    account::forget_secret(&tool.id).await.map(|left| (left, "L’ancien secret est retiré."))
                }
                ToolAction::Disconnect => {
                    account::disconnect(&tool.id).await.map(|left| (left, "L’outil est déconnecté."))
                }
            };
            let said = match left {
                Ok((left, said)) => {
                    loader.set(left);
                    said.to_owned()
                }
                Err(error) => error.message(),
            };
            done.try_set(said);
            browser::focus_soon(TITLE.to_owned());
        });
    });
    resume(loader, asked, open);
    let title = Signal::derive(move || asked.with(|asked| asked.as_ref().map_or("", |(_, action)| action.question())));
    let title = Signal::derive(move || title.get().to_owned());
    view! {
        <section aria-labelledby=TITLE>
            <h2 class="fr-h4 fr-mt-6w" id=TITLE tabindex="-1">
                "Outils connectés à l’API"
            </h2>
            <p>
                "Un outil connecté agit en votre nom, dans la limite des droits que vous lui donnez, sans connaître votre mot de passe. "
                <a rel="external" href="/api/docs/">
                    "Documentation de l’API"
                </a>
            </p>
            <p role="status">{move || done.get()}</p>
            <SecretPanel shown back=TITLE />
            {loader.view(move |tools| list(tools, asked, open))}
            <ConnectToolForm on_secret />
            <ConfirmDialog id="outil" title open confirm="Confirmer" on_confirm>
                <p>{move || asked.get().map(|(tool, action)| format!("{} – {}", tool.name, action.explanation()))}</p>
            </ConfirmDialog>
        </section>
    }
}

/// Asks once more about the tool whose secret was to be renewed when one left.
fn resume(loader: Loader<Vec<ApiClient>>, asked: RwSignal<Asked>, open: RwSignal<bool>) {
    let begun = StoredValue::new(browser::take_back(RENEWED));
    Effect::new(move |_| {
        let is_begun = |tool: &&ApiClient| begun.with_value(|begun| begun.as_ref() == Some(&tool.id));
        let tool = loader.read(|tools| tools.iter().find(is_begun).cloned()).flatten();
        if let Some(tool) = tool {
            begun.set_value(None);
            asked.set(Some((tool, ToolAction::Renew)));
            open.set(true);
        }
    });
}

fn secret_of(made: ApiClientWithSecret) -> ShownSecret {
    ShownSecret {
        title: format!("Secret de l’outil «\u{a0}{}\u{a0}»", made.api_client.name),
        advice: "Copiez-le maintenant dans la configuration de l’outil\u{a0}: il ne sera plus jamais montré. Ne l’envoyez pas par courriel.",
        fields: vec![
            ("client-id", "client_id", made.api_client.id),
            ("client-secret", "client_secret", made.secret),
            ("adresse-des-jetons", "Adresse des jetons", browser::address_of("/api/oauth/token")),
        ],
    }
}

fn list(tools: Vec<ApiClient>, asked: RwSignal<Asked>, open: RwSignal<bool>) -> AnyView {
    if tools.is_empty() {
        return view! {
            <EmptyState title="Aucun outil n’est connecté">
                <p>"Si vous utilisez un logiciel qui lit ou dépose des demandes pour vous, connectez-le ci-dessous."</p>
            </EmptyState>
        }
        .into_any();
    }
    view! { <ul class="dp-roles">{tools.into_iter().map(|tool| line(tool, asked, open)).collect_view()}</ul> }
        .into_any()
}

fn line(tool: ApiClient, asked: RwSignal<Asked>, open: RwSignal<bool>) -> impl IntoView {
    let rights: Vec<&str> = tool.scopes.iter().copied().map(ApiScope::label).collect();
    let used = match tool.last_used_at {
        Some(at) => format!("dernier jeton pris le {}", date::date_time(at)),
        None => "n’a encore pris aucun jeton".to_owned(),
    };
    let told = format!(
        "Connecté le {}\u{a0}; {used}. {} le {}.",
        date::date(tool.created_at),
        if tool.expires_at < browser::now() { "Son secret a expiré" } else { "Son secret expire" },
        date::date(tool.expires_at)
    );
    let mut actions = vec![ToolAction::Renew, ToolAction::Disconnect];
    if tool.has_previous_secret {
        actions.insert(1, ToolAction::Forget);
    }
    let buttons = actions
        .into_iter()
        .map(|action| {
            let own = tool.clone();
            let about = format!(" – {}", tool.name);
            let on_ask = move |()| {
                asked.set(Some((own.clone(), action)));
                open.set(true);
            };
            view! { <li><DialogButton label=action.label() about on_ask /></li> }
        })
        .collect_view();
    view! {
        <li class="dp-card fr-mb-2w">
            <p class="fr-text--bold fr-mb-0">{tool.name}</p>
            <p class="dp-detail fr-mb-0">{format!("client_id\u{a0}: {}", tool.id)}</p>
            <p class="fr-mb-0">{rights.join("\u{a0}; ")}</p>
            <p class="dp-detail fr-mb-0">{told}</p>
            {tool
                .has_previous_secret
                .then(|| view! { <p class="dp-detail fr-mb-0">"Deux secrets fonctionnent\u{a0}: le dernier et le précédent."</p> })}
            <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm fr-mt-2w">{buttons}</ul>
        </li>
    }
}
