using System.Diagnostics;
using System.Net;

namespace Flotilla.Benchmarks.ControlPlane;

/// <summary>Waits until an API server on loopback says that it is ready.</summary>
internal static class Readiness
{
    public static async Task WaitAsync(Process process, int port, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null; // only whether it is ready
        using var client = new HttpClient(handler);
        while (!await IsReadyAsync(client, port, cancellationToken))
        {
            if (process.HasExited) { throw new InvalidOperationException($"{process.StartInfo.FileName} ended with {process.ExitCode} instead of getting ready."); }
            await Task.Delay(5, cancellationToken);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, int port, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri($"https://127.0.0.1:{port}/readyz"), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
    }
}
