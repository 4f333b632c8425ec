/** Segments the sample as soon as the window that `npm start` opens is ready. Never packaged. */
const vscode = require('vscode');

exports.activate = async () => {
	const folder = vscode.workspace.workspaceFolders?.[0];
	if (folder) {
		await vscode.commands.executeCommand('deeplab.segmentImage', vscode.Uri.joinPath(folder.uri, 'astronaut.png'));
	}
};
