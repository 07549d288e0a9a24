using Flotilla.ClusterCore.Storage.Embedded.Files;

namespace Flotilla.Robustness.Faults;

/// <summary>
/// A disk in memory that knows what has been flushed, fails when told to, and forgets what was not flushed in a crash.
/// Names are durable at once: the order of renames and flushes is not what these tests are about.
/// </summary>
internal sealed class MemoryDisk
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Contents> files = new(StringComparer.Ordinal);

    /// <summary>Bytes there is room for.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>How many more flushes succeed.</summary>
    public int FlushesLeft { get; set; } = int.MaxValue;

    public IStoreFiles Open() => new Files(this);

    public byte[] Read(string name)
    {
        lock (gate)
        {
            return [.. files[name].Bytes];
        }
    }

    public void Write(string name, byte[] bytes)
    {
        lock (gate)
        {
            files[name] = new() { Bytes = [.. bytes], Durable = [.. bytes] };
        }
    }

    public IReadOnlyList<string> Names()
    {
        lock (gate)
        {
            return [.. files.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Another disk with the same files.</summary>
    public MemoryDisk Copy()
    {
        var copy = new MemoryDisk();
        foreach (var name in Names())
        {
            copy.Write(name, Read(name));
        }

        return copy;
    }

    /// <summary>Power is lost: of what was not flushed, each sector is there or not, as it happens.</summary>
    public MemoryDisk Crash(Random random)
    {
        const int Sector = 512;
        var after = new MemoryDisk();
        lock (gate)
        {
            foreach (var (name, contents) in files)
            {
                var length = random.Next(2) == 0 ? contents.Bytes.Length : contents.Durable.Length;
                var bytes = new byte[Math.Max(length, contents.Durable.Length)];
                for (var at = 0; at < bytes.Length; at += Sector)
                {
                    var source = random.Next(2) == 0 ? contents.Bytes : contents.Durable;
                    var end = Math.Min(at + Sector, Math.Min(bytes.Length, source.Length));
                    if (end > at)
                    {
                        source.AsSpan(at..end).CopyTo(bytes.AsSpan(at));
                    }
                }

                after.Write(name, bytes);
            }
        }

        return after;
    }

    private long Used() => files.Values.Sum(static contents => (long)contents.Bytes.Length);

    private sealed class Contents
    {
        public byte[] Bytes { get; set; } = [];

        public byte[] Durable { get; set; } = [];
    }

    private sealed class Files(MemoryDisk disk) : IStoreFiles
    {
        public string? Directory => null;

        public IReadOnlyList<string> List() => disk.Names();

        public bool Exists(string name) => disk.Names().Contains(name);

        public IStoreFile Open(string name)
        {
            lock (disk.gate)
            {
                if (!disk.files.TryGetValue(name, out var contents))
                {
                    disk.files[name] = contents = new();
                }

                return new OpenFile(disk, contents);
            }
        }

        public void Delete(string name)
        {
            lock (disk.gate)
            {
                _ = disk.files.Remove(name);
            }
        }

        public void Rename(string from, string to)
        {
            lock (disk.gate)
            {
                _ = disk.files.Remove(from, out var contents);
                disk.files[to] = contents!;
            }
        }

        public void FlushDirectory()
        {
            // Names are durable at once.
        }

        public void Dispose()
        {
            // There is no lock to give back.
        }
    }

    private sealed class OpenFile(MemoryDisk disk, Contents contents) : IStoreFile
    {
        public long Length
        {
            get
            {
                lock (disk.gate)
                {
                    return contents.Bytes.Length;
                }
            }
        }

        public int Read(long offset, Span<byte> buffer)
        {
            lock (disk.gate)
            {
                var count = (int)Math.Clamp(contents.Bytes.Length - offset, 0, buffer.Length);
                contents.Bytes.AsSpan((int)Math.Min(offset, contents.Bytes.Length), count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk.gate)
            {
                Grow(offset + bytes.Length);
                bytes.CopyTo(contents.Bytes.AsSpan((int)offset));
            }
        }

        public void Allocate(long length)
        {
            lock (disk.gate)
            {
                Grow(length);
            }
        }

        public void Truncate(long length)
        {
            lock (disk.gate)
            {
                Grow(length);
                contents.Bytes = contents.Bytes[..(int)length];
            }
        }

        public void Flush()
        {
            lock (disk.gate)
            {
                if (disk.FlushesLeft-- <= 0)
                {
                    throw new IOException("fdatasync failed: Input/output error");
                }

                contents.Durable = [.. contents.Bytes];
            }
        }

        public void Dispose()
        {
            // Nothing is held open.
        }

        private void Grow(long length)
        {
            var more = length - contents.Bytes.Length;
            if (more > 0)
            {
                if (disk.Used() + more > disk.Capacity)
                {
                    throw new NoSpaceException("no space left in memory");
                }

                contents.Bytes = [.. contents.Bytes, .. new byte[more]];
            }
        }
    }
}
