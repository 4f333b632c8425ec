/**
 * Lets a message in, such as a cancel, before a long stage: the stages themselves hold the worker's thread. Takes a
 * millisecond.
 */
export function messagesHandled(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}
