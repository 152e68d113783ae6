from rapide.auth import Passwords

passwords = Passwords(memory_kib=8_192, time_cost=1)
