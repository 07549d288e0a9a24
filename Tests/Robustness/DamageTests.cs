using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.Robustness.Faults;

namespace Flotilla.Robustness;

/// <summary>Every way a log's bytes can be wrong, at every offset.</summary>
public sealed class DamageTests
{
    private const int Records = 5;
    private const string Log = "log-0000000000000001";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_torn_last_append_is_cut_off_at_every_offset(bool zeros)
    {
        var (disk, ends) = await WriteAsync();
        var whole = disk.Read(Log)[..ends[^1]];
        for (var length = ends[^2]; length < ends[^1]; length++)
        {
            var torn = disk.Copy();
            torn.Write(Log, zeros ? [.. whole[..length], .. new byte[4096]] : whole[..length]);
            // With zeros for the zeros behind its end mark, the record is whole.
            var lost = !(zeros && IsPadding(whole, length));
            await using var store = await Stores.OpenAsync(torn);
            Assert.Equal(1 + Records - (lost ? 1 : 0), store.Revision);
            Assert.Equal(store.Revision + 1, await Stores.PutAsync(store, "again", "x"));
        }
    }

    [Fact]
    public async Task A_flipped_bit_is_refused_by_file_and_offset_wherever_it_is()
    {
        var (disk, ends) = await WriteAsync();
        var whole = disk.Read(Log)[..ends[^1]];
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = disk.Copy();
            var bytes = whole.ToArray();
            bytes[at] ^= (byte)(1 << (at % 8));
            damaged.Write(Log, bytes);
            var begin = ends.LastOrDefault(end => end <= at);
            try
            {
                await using var store = await Stores.OpenAsync(damaged);
                Assert.True(IsPadding(whole, at), $"the flipped bit at {at} went unseen");
                Assert.Equal(1 + Records, store.Revision);
            }
            catch (StoreCorruptException damage)
            {
                Assert.Equal((Log, begin), (damage.File, (int)damage.Offset));
            }
        }
    }

    [Fact]
    public async Task A_missing_log_file_is_refused()
    {
        var disk = new MemoryDisk();
        await using (var store = await Stores.OpenAsync(disk))
        {
            for (var i = 0; i < 100; i++)
            {
                _ = await Stores.PutAsync(store, $"k{i}", new string('v', 500));
            }
        }

        var logs = disk.Names().Where(static name => name.StartsWith("log-", StringComparison.Ordinal)).ToList();
        Assert.True(logs.Count >= 3);
        foreach (var missing in logs.SkipLast(1))
        {
            var damaged = disk.Copy();
            damaged.Open().Delete(missing);
            _ = await Assert.ThrowsAsync<StoreCorruptException>(() => Stores.OpenAsync(damaged));
        }
    }

    [Fact]
    public async Task Repair_cuts_before_the_damage_and_keeps_what_it_cut()
    {
        var directory = Directory.CreateTempSubdirectory("robustness");
        await using (var store = await EmbeddedStore.OpenAsync(new() { Directory = directory.FullName }, Cancellation))
        {
            for (var i = 0; i < 10; i++)
            {
                _ = await Stores.PutAsync(store, $"k{i}", "value");
            }
        }

        var path = Path.Combine(directory.FullName, Log);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        Assert.NotNull(StoreFiles.Verify(directory.FullName).Damage);
        var report = StoreFiles.Repair(directory.FullName);
        Assert.Null(report.Damage);
        Assert.InRange(report.Revision, 5, 7);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path + ".damaged", Cancellation));
        await using (var store = await EmbeddedStore.OpenAsync(new() { Directory = directory.FullName }, Cancellation))
        {
            Assert.Equal(report.Revision + 1, await Stores.PutAsync(store, "again", "x"));
        }

        directory.Delete(recursive: true);
    }

    /// <returns>The disk, and where each record ends.</returns>
    private static async Task<(MemoryDisk Disk, List<int> Ends)> WriteAsync()
    {
        var disk = new MemoryDisk();
        var ends = new List<int>();
        await using (var store = await Stores.OpenAsync(disk))
        {
            for (var i = 0; i < Records; i++)
            {
                _ = await Stores.PutAsync(store, "key", new string((char)('a' + i), 30 + (i * 7)));
                ends.Add((int)store.DiskBytes);
            }
        }

        return (disk, [LogHeaderLength(disk), .. ends]);
    }

    private static int LogHeaderLength(MemoryDisk disk)
    {
        using var file = disk.Open().Open(Log);
        var reader = new ClusterCore.Storage.Embedded.Log.LogFrameReader(file);
        _ = reader.Next(out _);
        _ = reader.Next(out _);
        return (int)reader.Offset;
    }

    /// <summary>Zeros behind a record's end mark, which no checksum covers and nobody reads.</summary>
    private static bool IsPadding(byte[] log, int offset)
    {
        var mark = Array.LastIndexOf(log, ClusterCore.Storage.Embedded.Log.LogFrame.EndMark, Math.Min(offset, log.Length - 1));
        return mark >= 0 && mark < offset && offset - mark < 8 && log.AsSpan(mark + 1, offset - mark).IndexOfAnyExcept((byte)0) < 0;
    }
}
