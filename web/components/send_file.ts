/**
 * Sends a file with its progress, which `fetch` cannot tell. Browser only.
 * @module
 */

/**
 * Sends a file as the body of a POST and returns the JSON answer.
 *
 * @param onSent told the share that has been sent, 0 to 1
 * @throws {Error} the server refuses it or does not answer; the message can be shown
 */
export function sendFile<Answer>(path: string, file: File, onSent: (share: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 1);
    request.onload = () => {
      if (request.status < 300) return resolve(request.response);
      reject(new Error(request.response?.error ?? `The server answered ${request.status}.`));
    };
    request.onerror = () => reject(new Error("The upload broke off. Is the dashboard's server still running?"));
    request.send(file);
  });
}
