//! The legal pages: accessibility statement, legal notice.

use leptos::prelude::*;

use crate::shell::title::PageTitle;

/// « Accessibilité ».
#[component]
pub fn Accessibility() -> impl IntoView {
    view! {
        <PageTitle title="Accessibilité" />
        <p>
            "DataPass est conçu pour être utilisable par tous : au clavier seul, avec un lecteur d’écran, sur un téléphone, en thème clair ou sombre, et jusqu’à un agrandissement de 400\u{a0}%."
        </p>
        <h2>"État de conformité"</h2>
        <p>
            "Ce service est "<strong>"partiellement conforme"</strong>
            " au référentiel général d’amélioration de l’accessibilité (RGAA), version\u{a0}4. Ses pages sont vérifiées par des contrôles automatiques à chaque modification ; aucun audit complet par un tiers n’a encore été réalisé."
        </p>
        <h2>"Signaler un problème"</h2>
        <p>
            "Si vous ne parvenez pas à accéder à un contenu ou à une démarche, écrivez à l’adresse d’assistance indiquée dans le formulaire de l’API concernée : une solution vous sera proposée."
        </p>
        <h2>"Voies de recours"</h2>
        <p>
            "Si votre signalement reste sans réponse satisfaisante, vous pouvez saisir le "
            <a href="https://www.defenseurdesdroits.fr/" rel="external">
                "Défenseur des droits"
            </a> "."
        </p>
    }
}

/// « Mentions légales ».
#[component]
pub fn LegalNotice() -> impl IntoView {
    view! {
        <PageTitle title="Mentions légales" />
        <h2>"Éditeur et hébergeur"</h2>
        <p>"L’éditeur et l’hébergeur sont ceux de l’administration qui exploite cette instance de DataPass."</p>
        <h2>"Données personnelles"</h2>
        <p>
            "DataPass conserve ce que vous saisissez dans vos demandes, l’identité des personnes que vous y désignez et l’historique des décisions, afin d’instruire les demandes d’habilitation et d’en garder la preuve."
        </p>
        <p>
            "Le nom de l’organisation, l’intitulé du projet et l’identité du responsable de traitement d’une habilitation en vigueur sont publics (article L.\u{a0}114-8 du code des relations entre le public et l’administration)."
        </p>
        <p>
            "Vous pouvez demander l’accès à vos données ou leur rectification à l’adresse d’assistance indiquée dans le formulaire de l’API concernée."
        </p>
        <h2>"Cookies et stockage local"</h2>
        <p>
            "Un seul cookie est déposé, pour garder votre session ouverte. Votre navigateur garde aussi votre choix de thème et, le temps de les envoyer, les modifications de vos demandes. Aucune mesure d’audience n’est faite."
        </p>
    }
}
