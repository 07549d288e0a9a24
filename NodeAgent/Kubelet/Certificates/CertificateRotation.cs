using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Certificates;

/// <summary>Keeps one certificate valid: asks for the next when four fifths of its life have passed, and at once where there is none.</summary>
public sealed partial class CertificateRotation(
    CertificateFile file, CertificateWish wish, CertificateRequests requests, Action<X509Certificate2> take, TimeProvider clock, ILogger logger)
{
    private const double RenewAfter = 0.8;
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(12);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    /// <param name="current">What is in use; null for none yet.</param>
    public async Task RunAsync(X509Certificate2? current, CancellationToken cancellationToken)
    {
        var due = current is null ? clock.GetUtcNow() : RenewalOf(current);
        while (true)
        {
            // Timers are not made for a year: looked at again now and then.
            for (var left = due - clock.GetUtcNow(); left > TimeSpan.Zero; left = due - clock.GetUtcNow())
            {
                await Task.Delay(left < LongestPause ? left : LongestPause, clock, cancellationToken);
            }

            due = await RenewAsync(cancellationToken) ?? clock.GetUtcNow() + RetryInterval;
        }
    }

    public static DateTimeOffset RenewalOf(X509Certificate2 certificate) =>
        new(certificate.NotBefore.ToUniversalTime() + ((certificate.NotAfter - certificate.NotBefore) * RenewAfter));

    private async Task<DateTimeOffset?> RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var next = await requests.GetAsync(wish, cancellationToken);
            file.Save(next);
            take(next);
            LogRenewed(logger, wish.Signer, next.NotAfter);
            return RenewalOf(next);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or ApiException or CryptographicException)
        {
            LogFailed(logger, wish.Signer, exception.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "There is a new certificate of {Signer}, valid until {NotAfter}")]
    private static partial void LogRenewed(ILogger logger, string signer, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No new certificate of {Signer}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string signer, string reason);
}
