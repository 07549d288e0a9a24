using System.Buffers;
using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

/// <summary>Copies a container's log out of its CRI log file.</summary>
internal static class LogReader
{
    private const int BlockSize = 64 << 10;
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(100);

    public static Task CopyAsync(string path, LogQuery query, Stream output, CancellationToken cancellationToken) =>
        CopyAsync(path, query, output, static () => false, TimeProvider.System, cancellationToken);

    /// <param name="goesOn">Whether more may be written: a followed log ends when its container has.</param>
    public static async Task CopyAsync(
        string path, LogQuery query, Stream output, Func<bool> goesOn, TimeProvider clock, CancellationToken cancellationToken)
    {
        var file = Open(path);
        await using var closing = new Closing(() => file.DisposeAsync());
        file.Position = query.TailLines is { } lines ? LogTail.Start(file, lines) : 0;
        var writer = new LogWriter(query, output);
        var pending = new ArrayBufferWriter<byte>();
        while (!writer.LimitReached)
        {
            var ended = !goesOn();
            // Once there is a new file nothing more is written to this one: asked before reading, so that no line is lost.
            var replaced = query.Follow && File.Exists(path) && IsSetAside(file, path);
            var read = await file.ReadAsync(pending.GetMemory(BlockSize), cancellationToken);
            pending.Advance(read);
            if (read > 0)
            {
                var rest = await writer.WriteLinesAsync(pending.WrittenMemory, cancellationToken);
                pending = Remainder(pending, rest);
                continue;
            }

            await writer.FlushAsync(cancellationToken);
            if (replaced)
            {
                await file.DisposeAsync();
                file = Open(path);
                continue;
            }

            if (!query.Follow || ended)
            {
                return;
            }

            await Task.Delay(FollowInterval, clock, cancellationToken);
        }
    }

    /// <summary>Whether the open file was given another name: the log was rotated.</summary>
    private static bool IsSetAside(FileStream file, string path) =>
        Path.GetFileName(new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget) != Path.GetFileName(path);

    private sealed class Closing(Func<ValueTask> close) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => close();
    }

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.Asynchronous,
    });

    private static ArrayBufferWriter<byte> Remainder(ArrayBufferWriter<byte> pending, ReadOnlyMemory<byte> rest)
    {
        var kept = rest.ToArray();
        pending.ResetWrittenCount();
        pending.Write(kept);
        return pending;
    }
}

/// <summary>Writes the lines that a query asks for, without their CRI prefix.</summary>
internal sealed class LogWriter(LogQuery query, Stream output)
{
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly byte[]? stream = query.Stream is null or "All" ? null : Encoding.ASCII.GetBytes(query.Stream.ToLowerInvariant());
    private long written;
    private bool inLine;

    public bool LimitReached => written >= query.LimitBytes;

    /// <returns>The bytes after the last whole line.</returns>
    public async Task<ReadOnlyMemory<byte>> WriteLinesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Span.IndexOf((byte)'\n') is >= 0 and var end && !LimitReached)
        {
            Append(bytes.Span[..end]);
            bytes = bytes[(end + 1)..];
        }

        await FlushAsync(cancellationToken);
        return bytes;
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (buffer.WrittenCount > 0)
        {
            await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
            await output.FlushAsync(cancellationToken);
            buffer.ResetWrittenCount();
        }
    }

    private void Append(ReadOnlySpan<byte> raw)
    {
        if (!LogLine.TryParse(raw, out var line)
            || (stream is not null && !line.Stream.SequenceEqual(stream))
            || (query.Since is { } since && !line.IsSince(since)))
        {
            return;
        }

        if (query.Timestamps && !inLine)
        {
            Put(line.Time);
            Put(" "u8);
        }

        Put(line.Text);
        inLine = line.Partial;
        if (!line.Partial)
        {
            Put("\n"u8);
        }
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (query.LimitBytes is { } limit && written + bytes.Length > limit)
        {
            bytes = bytes[..(int)(limit - written)];
        }

        buffer.Write(bytes);
        written += bytes.Length;
    }
}
