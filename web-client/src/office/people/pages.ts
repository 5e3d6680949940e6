export { ErasePage } from "./erasure/ErasePage";
export { ImportPage } from "./import/ImportPage";
export { Imports } from "./import/Imports";
export { NewPerson } from "./NewPerson";
export { People } from "./People";
export { PersonPage } from "./PersonPage";
