/** The name of the test at the end of each table, which is no case of its own. */
export const givenBack = 'and everything is given back'
