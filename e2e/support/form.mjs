/** What an applicant types: a complete request for API Particulier, by mouse and keyboard as anybody would. */

export const PEOPLE = ["Responsable de traitement", "Délégué à la protection des données", "Responsable technique"];

/** Starts a request for API Particulier in the name of Clamart, and stops on its form. Returns its number. */
export async function start(page) {
  await page.goto("/");
  await page.getByRole("link", { name: "Nouvelle demande" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Choisir une API" }).waitFor();
  await page.getByRole("link", { name: "API Particulier" }).first().click();
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

export async function submit(page) {
  await page.getByRole("button", { name: "Soumettre la demande" }).click();
}
