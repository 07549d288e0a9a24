using System.Runtime.InteropServices;
using Flotilla.NodeAgent.Network.Commands;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// libnftables with one netlink socket for as long as this lives. A process of <c>nft</c> for each change takes many times longer
/// to start, and to close its socket behind a change, than the kernel takes for the change.
/// </summary>
internal sealed partial class Nftables : IDisposable
{
    private const string Library = "libnftables.so.1";

    /// <summary>What parsing takes is some forty times as much as the script, and malloc keeps it: 5,000 Services are 30 MiB.</summary>
    private const int LargeScript = 64 << 10;

    private readonly Lock running = new();
    private nint context;

    /// <summary>Belongs to the network namespace of the calling thread.</summary>
    /// <exception cref="CommandFailedException">The library is not installed, or the kernel gives no netlink socket.</exception>
    public Nftables()
    {
        try
        {
            context = nft_ctx_new(0);
        }
        catch (DllNotFoundException exception)
        {
            throw new CommandFailedException($"{Library} cannot be loaded; is nftables installed?", exception);
        }
        if (context == 0 || nft_ctx_buffer_output(context) != 0 || nft_ctx_buffer_error(context) != 0)
        {
            throw new CommandFailedException($"{Library} could not be set up; is nf_tables in this kernel, and is this root?");
        }
    }

    /// <summary>Runs a script, in the language of <c>nft -f</c>, as one transaction.</summary>
    /// <returns>What its <c>list</c> commands print.</returns>
    /// <exception cref="CommandFailedException">Nothing of the script was taken.</exception>
    public Task<string> RunAsync(string script, CancellationToken cancellationToken) => Task.Run(() => Run(script), cancellationToken);

    public void Dispose()
    {
        lock (running)
        {
            if (context != 0) { nft_ctx_free(context); }
            context = 0;
        }
    }

    private string Run(string script)
    {
        lock (running)
        {
            ObjectDisposedException.ThrowIf(context == 0, this);
            var result = nft_run_cmd_from_buffer(context, script);
            // Both are read every time: a buffer that is not goes on where it was.
            var output = Marshal.PtrToStringUTF8(nft_ctx_get_output_buffer(context)) ?? "";
            var error = Marshal.PtrToStringUTF8(nft_ctx_get_error_buffer(context)) ?? "";
            if (script.Length > LargeScript) { _ = malloc_trim(0); }
            return result == 0 ? output : throw new CommandFailedException($"nft failed: {error.Trim()}");
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint kept);

    [LibraryImport(Library)]
    private static partial nint nft_ctx_new(uint flags);

    [LibraryImport(Library)]
    private static partial void nft_ctx_free(nint context);

    [LibraryImport(Library)]
    private static partial int nft_ctx_buffer_output(nint context);

    [LibraryImport(Library)]
    private static partial int nft_ctx_buffer_error(nint context);

    [LibraryImport(Library)]
    private static partial nint nft_ctx_get_output_buffer(nint context);

    [LibraryImport(Library)]
    private static partial nint nft_ctx_get_error_buffer(nint context);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int nft_run_cmd_from_buffer(nint context, string script);
}
