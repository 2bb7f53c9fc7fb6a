/** What an applicant types: a complete request for API Particulier, by mouse and keyboard as anybody would. */

/** The same for the API, complete. */
export const REQUEST = {
  target_api: "api_particulier",
  siret: "13002526500013",
  intitule: "Tarification de la cantine",
  description: "Calculer le tarif de la cantine d’après le quotient familial.",
  scopes: ["cnaf_quotient_familial"],
  technical_team_type: "internal_team",
  data_recipients: "Agents du service enfance",
  data_retention_period: 12,
  fondement_juridique_title: "Article L114-8 du CRPA",
  fondement_juridique_url: "https://www.legifrance.gouv.fr/codes/article_lc/X",
  cgu_approved: true,
  dpo_is_informed: true,
  team_members: ["responsable_traitement", "delegue_protection_donnees", "responsable_technique"].map((type) => ({
    type, given_name: "Camille", family_name: "Exemple", email: `${type.replaceAll("_", "-")}@exemple.fr`,
    phone_number: "06 12 34 56 78", job: "Direction",
  })),
};

export const PEOPLE = ["Responsable de traitement", "Délégué à la protection des données", "Responsable technique"];

/** Starts a request for API Particulier in the name of Clamart, and stops on its form. Returns its number. */
export async function start(page) {
  await page.goto("/");
  await page.getByRole("link", { name: "Nouvelle demande" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Choisir une API" }).waitFor();
  await page.getByRole("link", { name: "API Particulier" }).first().click();
  await page.getByRole("link", { name: "Commencer ma demande" }).first().click();
  await page.getByRole("radio", { name: "Commune de Clamart" }).check({ force: true });
  await page.getByRole("button", { name: "Commencer ma demande" }).click();
  await page.waitForURL(/\/demandes\/\d+\/modifier/);
  await page.getByRole("heading", { level: 1, name: /Demande n°/ }).waitFor();
  return Number(/\/demandes\/(\d+)\//.exec(page.url())[1]);
}

/** Fills every part of the form. */
export async function fill(page, title) {
  await page.getByRole("radio", { name: /propre équipe/ }).check({ force: true });
  await page.getByLabel(/^Nom du projet/).fill(title);
  await page.getByLabel(/^Description du projet/).fill("Calculer le tarif de la cantine d’après le quotient familial.");
  const scope = page.getByRole("checkbox", { name: /Quotient familial CAF & MSA et composition/ });
  if (!(await scope.isVisible())) await page.getByRole("button", { name: /API Quotient familial CAF & MSA/ }).click();
  await scope.check({ force: true });
  await page.getByLabel(/^Destinataires des données/).fill("Agents du service enfance");
  await page.getByLabel(/^Durée de conservation/).fill("12");
  await page.getByLabel(/^Référence du texte juridique/).fill("Article L114-8 du CRPA");
  await page.getByLabel(/^Adresse du texte juridique/).fill("https://www.legifrance.gouv.fr/codes/article_lc/X");
  for (const [index, person] of PEOPLE.entries()) {
    const group = page.getByRole("group", { name: person });
    await group.getByLabel(/^Prénom/).fill("Claude");
    await group.getByLabel(/^Nom/).fill(`Modèle ${index}`);
    await group.getByLabel(/^Adresse électronique/).fill(`contact${index}@commune-exemple.fr`);
    await group.getByLabel(/^Numéro de téléphone/).fill("01 23 45 67 89");
    await group.getByLabel(/^Fonction/).fill("Direction");
  }
  await page.getByRole("checkbox", { name: /conditions générales/ }).check({ force: true });
  await page.getByRole("checkbox", { name: /délégué à la protection des données/ }).check({ force: true });
}

/** Waits until the form says that all is saved. */
export async function saved(page) {
  await page.getByText(/^Enregistré à/).waitFor();
}

/** The bar at the bottom of the form. */
export const bar = (page) => page.getByRole("region", { name: "Enregistrement et envoi de la demande" });

/** Goes to the check of the answers, unless one is there. */
export async function check(page) {
  const way = bar(page).getByRole("button", { name: "Vérifier et soumettre" });
  const submission = bar(page).getByRole("button", { name: "Soumettre la demande" });
  await way.or(submission).waitFor();
  if (await way.isVisible()) await way.click();
  await submission.waitFor();
}

/** Goes from the check back to a part. */
export async function change(page, part) {
  await page.getByRole("link", { name: `Modifier : ${part}` }).click();
  await page.getByRole("button", { name: "Vérifier et soumettre" }).waitFor();
}

/** Checks the answers, and hands the request over. */
export async function submit(page) {
  await check(page);
  await bar(page).getByRole("button", { name: "Soumettre la demande" }).click();
}
