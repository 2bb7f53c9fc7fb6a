//! The introduction for visitors.

use leptos::prelude::*;

use crate::components::alert::{Alert, Tone};
use crate::shell::sign_in::SignInButton;
use crate::shell::title::PageTitle;

/// The steps of a request: title, explanation.
const STEPS: [(&str, &str); 4] = [
    (
        "Connectez-vous",
        "Avec le compte qui vous rattache à votre organisation : commune, ministère, opérateur, entreprise…",
    ),
    (
        "Remplissez votre demande",
        "Choisissez l’API, décrivez votre projet, cochez les données utiles et indiquez le texte qui vous y autorise. Tout est enregistré au fur et à mesure.",
    ),
    (
        "Échangez avec le fournisseur de données",
        "Il instruit votre demande. S’il manque quelque chose, vous recevez un courriel et complétez votre demande.",
    ),
    (
        "Recevez votre habilitation",
        "Dès la validation, les responsables désignés sont prévenus et votre équipe technique reçoit ses accès à l’API.",
    ),
];

/// What to have at hand, to finish in one sitting.
const TO_PREPARE: [&str; 4] = [
    "le numéro SIRET de l’organisation pour laquelle vous faites la demande ;",
    "le texte (loi, décret, délibération…) qui vous autorise à traiter les données, ou son adresse sur Légifrance ;",
    "les coordonnées du responsable de traitement, du délégué à la protection des données et du responsable technique ;",
    "la liste des données dont vous avez réellement besoin, et la durée pendant laquelle vous les conserverez.",
];

/// The welcome page.
#[component]
pub fn Welcome(
    /// Whether this is a demonstration.
    demo: bool,
) -> impl IntoView {
    let steps = STEPS
        .iter()
        .enumerate()
        .map(|(index, (title, text))| {
            view! {
                <li class="dp-step">
                    <span class="dp-step__number" aria-hidden="true">
                        {index + 1}
                    </span>
                    <h3 class="fr-h6 fr-mb-1w">{*title}</h3>
                    <p>{*text}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        {demo
            .then(|| {
                view! {
                    <Alert tone=Tone::Info title="Ceci est une démonstration">
                        <p>
                            "Les demandes affichées sont fictives. Pour essayer, connectez-vous par exemple avec "
                            <strong>"user@yopmail.com"</strong> " (demandeur) ou "
                            <strong>"api-particulier@yopmail.com"</strong>
                            " (instruction) : le mot de passe est identique à l’adresse."
                        </p>
                    </Alert>
                }
            })}
        <PageTitle title="Demandez l’accès aux données de l’administration" tab="Accueil" />
        <p class="fr-text--lead">
            "DataPass délivre aux administrations et à leurs partenaires les habilitations juridiques nécessaires pour utiliser, par API, des données à accès restreint."
        </p>
        <ul class="fr-btns-group fr-btns-group--inline-sm">
            <li>
                <SignInButton />
            </li>
            <li>
                <a class="fr-btn fr-btn--secondary" href="/nouvelle-demande">
                    "Voir les API proposées"
                </a>
            </li>
        </ul>
        <h2 class="fr-mt-4w">"Comment ça marche ?"</h2>
        <ol class="dp-steps">{steps}</ol>
        <h2 class="fr-mt-4w">"Ce qu’il faut préparer"</h2>
        <p>"Comptez une vingtaine de minutes avec ces éléments sous la main :"</p>
        <ul>{TO_PREPARE.iter().map(|item| view! { <li>{*item}</li> }).collect_view()}</ul>
        <h2 class="fr-mt-4w">"Déjà délivrées"</h2>
        <p>
            "Toute habilitation en vigueur est publique : vous pouvez "
            <a href="/habilitations">"consulter la liste des habilitations délivrées"</a> "."
        </p>
    }
}
