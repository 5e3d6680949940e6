export { NewPerson } from "./NewPerson";
export { People } from "./People";
export { PersonPage } from "./PersonPage";
