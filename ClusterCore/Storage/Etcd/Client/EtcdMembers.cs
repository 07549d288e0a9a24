using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Etcd.Api;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

/// <summary>The members, one of which is asked until it fails; then the next.</summary>
internal sealed partial class EtcdMembers : IDisposable
{
    /// <summary>etcd takes more than a ping in five seconds for an attack, and closes the connection.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly EtcdStoreOptions options;
    private readonly GrpcChannel[] channels;
    private CancellationTokenSource passing = new();
    private int current;

    public EtcdMembers(EtcdStoreOptions options)
    {
        this.options = options;
        var channel = new GrpcChannelOptions
        {
            MaxReceiveMessageSize = int.MaxValue,
            Tls = EtcdTls.Options(options),
            ConnectTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            Clock = options.Clock,
        };
        channels = [.. options.Endpoints.Select(endpoint => GrpcChannel.ForAddress(endpoint, channel))];
    }

    public GrpcChannel Current => channels[Volatile.Read(ref current) % channels.Length];

    /// <param name="repeatable">
    /// False for what changes the store: it is only tried again when it certainly did not reach a member, or was turned away by one.
    /// </param>
    /// <exception cref="StoreUnavailableException">No member answered; whether a change took place is not known.</exception>
    public async ValueTask<TResponse> CallAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, bool repeatable, CancellationToken cancellationToken)
    {
        var begin = options.Clock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var used = Volatile.Read(ref current);
            try
            {
                return await channels[used % channels.Length].UnaryAsync(method, request, cancellationToken, new(options.AttemptTimeout));
            }
            catch (GrpcException exception) when (IsMembersFault(exception))
            {
                Pass(used, exception);
                var again = repeatable || NeverArrived(exception) || WasTurnedAway(exception);
                if (!again || options.Clock.GetElapsedTime(begin) > options.RetryTimeout)
                {
                    throw new StoreUnavailableException($"{method.Path}: {exception.Detail}", exception);
                }
            }

            if (attempt % channels.Length == 0)
            {
                await Task.Delay(Pause, options.Clock, cancellationToken);
            }
        }
    }

    /// <summary>From now on the next member is asked, unless someone has moved on already.</summary>
    public void Pass(int used, Exception reason)
    {
        if (Interlocked.CompareExchange(ref current, used + 1, used) != used)
        {
            return;
        }

        Interlocked.Exchange(ref passing, new()).Cancel();
        if (channels.Length > 1)
        {
            LogPassed(options.Logger, options.Endpoints[used % channels.Length], reason.Message);
        }
    }

    /// <summary>Cancelled when the member now asked is passed over: what hangs on it had better move too.</summary>
    public CancellationToken Passing => Volatile.Read(ref passing).Token;

    public int Position => Volatile.Read(ref current);

    public GrpcChannel At(int position) => channels[position % channels.Length];

    public void Dispose()
    {
        foreach (var channel in channels)
        {
            channel.Dispose();
        }
    }

    /// <summary>A member that runs into the deadline before we do says so with an unknown status.</summary>
    public static bool IsMembersFault(GrpcException exception) =>
        exception.StatusCode is GrpcStatusCode.Unavailable or GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Internal ||
        exception is { StatusCode: GrpcStatusCode.Unknown, Detail: EtcdErrors.DeadlineText } || WasTurnedAway(exception);

    /// <summary>Before anything was proposed to the others; with a status that differs from release to release.</summary>
    private static bool WasTurnedAway(GrpcException exception) => exception.Detail is EtcdErrors.TooManyRequestsText or EtcdErrors.ProposalDroppedText;

    private static bool NeverArrived(GrpcException exception) => exception.InnerException is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };

    [LoggerMessage(LogLevel.Warning, "etcd member {Endpoint} failed ({Reason}); asking the next")]
    private static partial void LogPassed(ILogger logger, Uri endpoint, string reason);
}
