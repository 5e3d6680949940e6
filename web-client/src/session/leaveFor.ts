/** Leaves this site for a page of the provider of sign-ins, which sends the browser back to one of ours. */
export const leaveFor = (address: string): void =>
	window.location.assign(address);
