/** Replies of each stream, and characters in each of them. */
export const ITEMS = 3000;
export const ITEM_SIZE = 1000;
