using System.Net.Sockets;
using System.Security.Cryptography;
using Flotilla.Provisioner.Alerts.Channels;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Secrets;

namespace Flotilla.Provisioner.Alerts.Delivery;

/// <summary>One attempt to tell one channel.</summary>
internal sealed class DeliverySender(SecretBox secrets, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    public async Task<DeliveryOutcome> SendAsync(AlertChannel channel, AlertMessage message, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var url = secrets.Unseal(channel.Url, AlertChannelCommands.UrlPurpose(channel.Id));
            var secret = channel.Secret is null ? null : secrets.Unseal(channel.Secret, AlertChannelCommands.SecretPurpose(channel.Id));
            using var request = ChannelRequest.Create(channel.Kind, url, secret, message, clock.GetUtcNow());
            using var response = await http.SendAsync(request, both.Token);
            var error = response.IsSuccessStatusCode ? null : $"The receiver answered {(int)response.StatusCode} {response.ReasonPhrase}.";
            return new(response.StatusCode, error);
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or CryptographicException)
        {
            return new(null, exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"No answer within {Timeout.TotalSeconds:0} s.");
        }
    }

    public void Dispose() => http.Dispose();
}
