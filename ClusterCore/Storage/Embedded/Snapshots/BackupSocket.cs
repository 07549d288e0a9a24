using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Embedded.Snapshots;

/// <summary>
/// A Unix socket in the store's directory that sends a backup to whoever connects: how a store in use is backed up by
/// another process, which needs no more than access to the directory.
/// </summary>
internal sealed partial class BackupSocket : IAsyncDisposable
{
    public const string Name = "backup.socket";

    /// <summary>Whoever reads no more than this long is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<Stream, CancellationToken, Task> write;
    private readonly ILogger logger;
    private readonly Socket listener;
    private readonly string path;
    private readonly Task serving;

    private BackupSocket(Socket listener, string path, Func<Stream, CancellationToken, Task> write, ILogger logger)
    {
        this.listener = listener;
        this.path = path;
        this.write = write;
        this.logger = logger;
        serving = Task.Run(ServeAsync);
    }

    /// <returns>Null when the directory's name is too long for a socket in it, or its file system has none.</returns>
    public static BackupSocket? Listen(string directory, Func<Stream, CancellationToken, Task> write, ILogger logger)
    {
        var path = Path.Combine(directory, Name);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // The directory is locked: what is there is left over from a process that was killed.
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            return new(listener, path, write, logger);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            listener.Dispose();
            LogNoSocket(logger, path, exception.Message);
            return null;
        }
    }

    /// <returns>Null when nobody listens in the directory.</returns>
    public static async Task<Stream?> ConnectAsync(string directory, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, Name);
        if (!File.Exists(path))
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException)
        {
            // Left over from a process that was killed.
            socket.Dispose();
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        listener.Dispose();
        File.Delete(path);
        stop.Dispose();
    }

    /// <summary>One backup at a time.</summary>
    private async Task ServeAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await listener.AcceptAsync(stop.Token);
                socket.SendTimeout = (int)Patience.TotalMilliseconds;
                await using var stopping = stop.Token.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
                await using var stream = new NetworkStream(socket);
                await write(stream, stop.Token);
            }
            catch (Exception exception) when (
                stop.IsCancellationRequested && exception is (OperationCanceledException or ObjectDisposedException or IOException or SocketException))
            {
                return;
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // Whoever asked sees that the end is missing.
                LogCutShort(logger, exception.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "There is no socket {Path} ({Reason}): this store can only be backed up while it is not in use")]
    private static partial void LogNoSocket(ILogger logger, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "A backup was cut short: {Reason}")]
    private static partial void LogCutShort(ILogger logger, string reason);
}
