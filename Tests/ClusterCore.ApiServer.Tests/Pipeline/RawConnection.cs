using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

/// <summary>A client that writes HTTP/1.1 itself, as slowly and as wrongly as a test likes.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient client;
    private readonly SslStream stream;

    private RawConnection(TcpClient client, SslStream stream) => (this.client, this.stream) = (client, stream);

    public static async Task<RawConnection> OpenAsync(RunningServer server)
    {
        // A small window, so that what is not read soon is not sent either.
        var client = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync(server.Api.Addresses[0].Host, server.Api.Addresses[0].Port);
        var certificate = server.Api.Pki.IssueClient("kubernetes-admin", "system:masters");
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            RemoteCertificateValidationCallback = server.IsThisServer,
        });
        return new(client, stream);
    }

    public async Task SendAsync(string text)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        await stream.FlushAsync();
    }

    /// <summary>Everything the server still sends until it hangs up; a connection that is cut ends it too.</summary>
    public async Task<string> ReadToEndAsync(TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        var (text, buffer) = (new StringBuilder(), new byte[16 * 1024]);
        try
        {
            while (await stream.ReadAsync(buffer, late.Token) is > 0 and var read) { text.Append(Encoding.UTF8.GetString(buffer, 0, read)); }
        }
        catch (IOException cut)
        {
            text.Append($"[{cut.GetType().Name}]");
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        client.Dispose();
    }
}
